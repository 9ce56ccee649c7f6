#!/bin/sh
# Makes the certificates of the tests, valid for 100 years: a test CA, whose key is thrown away, and what it signed.
# Replaces every file here. Needs openssl.
set -eu
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stand_in='DNS:*.twilio.com,DNS:*.twil.io,DNS:localhost,IP:127.0.0.1,DNS:api.fikiri.example'

: > "$work/index.txt"
cat > "$work/openssl.cnf" <<CONFIGURATION
[ca]
default_ca=test
[test]
database=$work/index.txt
new_certs_dir=$work
rand_serial=yes
default_md=sha256
policy=any
[any]
commonName=supplied
CONFIGURATION

# sign NAME COMMON-NAME START END EXTENSION...: NAME.pem and NAME-key.pem, signed by the CA, or by itself if it is ca
sign() {
  name=$1 subject=$2 start=$3 end=$4
  shift 4
  printf '%s\n' "$@" > "$work/extensions"
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$subject" -keyout "$name-key.pem" -out "$work/request" 2> "$work/log"
  openssl ca -batch -config "$work/openssl.cnf" $([ "$name" = ca ] && echo -selfsign || echo -cert ca.pem) \
    -keyfile ca-key.pem -startdate "$start" -enddate "$end" -extfile "$work/extensions" -notext \
    -in "$work/request" -out "$name.pem" 2>> "$work/log" || { cat "$work/log" >&2; exit 1; }
}

sign ca 'Test CA of fikiri-twilio-functions' 20200101000000Z 21251231000000Z \
  'basicConstraints=critical,CA:TRUE' 'keyUsage=critical,keyCertSign,cRLSign'
sign server 'localhost (test)' 20200101000000Z 21251231000000Z "subjectAltName=$stand_in"
sign expired 'expired (test)' 20200101000000Z 20200102000000Z "subjectAltName=$stand_in"
sign wrong-host 'wrong host (test)' 20200101000000Z 21251231000000Z 'subjectAltName=DNS:other.example'
rm ca-key.pem
