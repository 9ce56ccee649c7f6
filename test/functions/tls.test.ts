import { answer, closeBackends, startTlsBackend } from '../support/backend';
import { closeBuiltFunctions, startBuiltFunction } from '../support/built-function';
import { CA_FILE, certificate } from '../support/certificate';
import { hostedContext, TEXT_FORM } from '../support/inbound-forms';

const BUILT_SMS = 'dist/functions/sms.protected.js';

afterEach(async () => {
  closeBuiltFunctions();
  await closeBackends();
});

/** Node reads the authorities it trusts when it starts, so that the Function runs in a process of its own. */
const startTrusting = (variables = {}) =>
  startBuiltFunction(BUILT_SMS, { NODE_EXTRA_CA_CERTS: CA_FILE, ...variables });

describe('/sms over TLS', () => {
  it('delivers to a host with a valid certificate, and the next text by the same connection', async () => {
    const backend = await startTlsBackend(certificate('server'), answer(200));
    const sms = await startTrusting();
    const invocation = { context: hostedContext(backend.url), form: TEXT_FORM };
    expect(await sms(invocation)).toMatchObject({ status: 200, log: [{ level: 'log' }] });
    expect(await sms(invocation)).toMatchObject({ status: 200, log: [{ level: 'log' }] });
    expect(backend.received.map(({ connection }) => connection)).toEqual([1, 1]);
  });

  it('delivers without a pause when that connection has gone stale', async () => {
    const cut = ({ socket }: { socket: { destroy(): void } }) => socket.destroy();
    const backend = await startTlsBackend(certificate('server'), answer(200), cut, answer(200));
    const sms = await startTrusting();
    const invocation = { context: hostedContext(backend.url), form: TEXT_FORM };
    await sms(invocation);
    const { status, log } = await sms(invocation);
    expect(status).toBe(200);
    expect(log).toEqual([{ level: 'warn', line: expect.stringContaining('attempts=2') }]);
  });

  it('names the host to the server, as one address holds many', async () => {
    const backend = await startTlsBackend(certificate('server'), answer(200));
    const sms = await startTrusting();
    const url = `https://localhost:${backend.port}`;
    expect(await sms({ context: hostedContext(url), form: TEXT_FORM })).toMatchObject({ status: 200 });
    expect((backend.sockets[0] as { servername?: string } | undefined)?.servername).toBe('localhost');
  });

  it.each([
    ['has expired', 'expired', {}],
    ['is for another host', 'wrong-host', {}],
    [
      'is of an unknown authority, though NODE_TLS_REJECT_UNAUTHORIZED is 0',
      'server',
      { NODE_EXTRA_CA_CERTS: '', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
    ],
  ] as const)('fails and sends nothing when the certificate %s', async (_, name, variables) => {
    const backend = await startTlsBackend(certificate(name), answer(200));
    const sms = await startTrusting(variables);
    const { status, log } = await sms({ context: hostedContext(backend.url), form: TEXT_FORM });
    expect(status).toBe(502);
    const fix = "Fikiri's TLS certificate is not valid for FIKIRI_BASE_URL: renew it or correct the host";
    const line = expect.stringMatching(new RegExp(`reason=tls attempts=4 ms=\\d+ fix="${fix}"$`));
    expect(log.at(-1)).toEqual({ level: 'error', line }); // Before it, Node itself warns of the variable.
    expect(backend.received).toHaveLength(0);
  });
});
