"""Fikiri's webhook as its own stack serves it: Flask behind ProxyFix, signatures validated by twilio-python.

Takes the Auth Token from TWILIO_AUTH_TOKEN, listens on a free port of 127.0.0.1 and prints it. GET /received
tells what has arrived since it was last asked.
"""

import os

from flask import Flask, jsonify, request
from twilio.request_validator import RequestValidator
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import WSGIRequestHandler, make_server

app = Flask(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
received = []


def signed_form():
    """The form as twilio-python >= 8 signs it: a repeated key's values once each, in code point order.

    Older versions (Debian has 7.7.1) would take the first value only. Joined here, the values make the same
    string in every version.
    """
    return {key: key.join(sorted(set(request.form.getlist(key)))) for key in request.form}


@app.post("/api/webhooks/twilio/sms")
def sms():
    signature = request.headers.get("X-Twilio-Signature", "")
    accepted = validator.validate(request.url, signed_form(), signature)
    form = dict(request.form.lists())
    received.append({"form": form, "key": request.headers.get("Idempotency-Key"), "accepted": accepted})
    return "", 200 if accepted else 403, {"Content-Type": "text/html; charset=utf-8"}


@app.get("/received")
def tell_received():
    told = received.copy()
    received.clear()
    return jsonify(told)


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # With keep-alive, as Fikiri's server has it.

    def log_request(self, *_):
        pass


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    print(server.server_port, flush=True)
    server.serve_forever()
