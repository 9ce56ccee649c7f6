/** Fields of a log line in the order they are printed. */
export type LogFields = Record<string, string | number>;

/** Twilio keeps the last 3 kB an invocation prints; a line this short is never the one that is cut. */
const MAX_LINE_BYTES = 299;

/** One logfmt line, under 300 bytes: `sms delivered sid=SM… attempts=1`. A long last field is shortened. */
export function formatLogLine(words: string, fields: LogFields): string {
  let line = words;
  for (const [key, value] of Object.entries(fields)) line += ` ${key}=${quote(String(value))}`;
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return line;
  const kept = Buffer.from(line).toString('utf8', 0, MAX_LINE_BYTES - 4);
  return `${kept.replace(/\uFFFD$/, '')}…"`;
}

/** A phone number or other address with all but its last four characters hidden: `+1******0123`. */
export function maskNumber(number: string): string {
  const prefix = /^\+1(?=\d{10}$)/.exec(number)?.[0] ?? '';
  const hidden = Math.min(Math.max(number.length - prefix.length - 4, 0), 16);
  return `${prefix}${'*'.repeat(hidden)}${number.slice(-4).replace(/[^0-9A-Za-z+]/g, '_')}` || '-';
}

function quote(value: string): string {
  if (/^[^\s"=]+$/.test(value)) return value;
  return `"${value.replaceAll('"', "'").replace(/\s+/g, ' ')}"`;
}
