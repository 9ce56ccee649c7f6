/** What the runtime hands a Function: the form's parameters, and `request` with headers and cookies. */
export interface InboundEvent {
  request?: { headers?: Record<string, unknown> };
  [parameter: string]: unknown;
}

/** A form as Twilio sent it. A repeated key has an array of values. */
export type Form = Record<string, string | string[]>;

/** An inbound message: its whole form, and the three parameters the Function itself looks at. */
export interface InboundMessage {
  messageSid: string;
  from: string;
  mediaCount: string;
  form: Form;
}

/** An inbound call. */
export interface InboundCall {
  callSid: string;
  from: string;
}

/** Reads an inbound message. Never throws: a text is not lost because a parameter is missing or odd. */
export function parseInboundMessage(event: InboundEvent): InboundMessage {
  const form = parseForm(event);
  return {
    messageSid: match(form['MessageSid'], /^(SM|MM)[0-9a-f]{32}$/),
    from: first(form['From']),
    mediaCount: match(form['NumMedia'], /^\d{1,2}$/) || '0',
    form,
  };
}

/** Reads an inbound call. Never throws. */
export function parseInboundCall(event: InboundEvent): InboundCall {
  const form = parseForm(event);
  return { callSid: match(form['CallSid'], /^CA[0-9a-f]{32}$/), from: first(form['From']) };
}

/** The parameters Twilio sent: all of the event but `request`, which the runtime adds. */
export function parseForm(event: InboundEvent): Form {
  const { request: _, ...form } = event;
  for (const [key, value] of Object.entries(form)) {
    if (typeof value !== 'string') form[key] = Array.isArray(value) ? value.map(parseText) : parseText(value);
  }
  return form as Form;
}

/** A parameter as text. Off Twilio, JSON can put anything in its place, even what String() would throw at. */
function parseText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

/** The value if it is of that form, else '': what is logged and sent as a header has no surprises in it. */
function match(value: string | string[] | undefined, pattern: RegExp): string {
  return pattern.exec(first(value))?.[0] ?? '';
}

function first(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
