/** What the beacon tells its operator: where it can be reached and by whom, and why it could not start. Pure. */
import type { Random } from '../src/ports';
import type { BeaconConfig } from './config';

const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const LENGTH = 8;

/** `XXXX-XXXX`: 39 bits, no letters that look alike. */
export const newJoinCode = (random: Random): string => {
  let code = '';
  // Bytes at the top are drawn again, so that no letter is likelier than another.
  const fair = 256 - (256 % LETTERS.length);
  while (code.length < LENGTH)
    for (const byte of random.bytes(16))
      if (byte < fair && code.length < LENGTH) code += LETTERS[byte % LETTERS.length];
  return `${code.slice(0, 4)}-${code.slice(4)}`;
};

export type Greeting = {
  readonly port: number;
  readonly addresses: readonly string[];
  readonly name: string | undefined;
  /** The address that it listens on, where it is one alone. */
  readonly listenOn: string | undefined;
  readonly tls: BeaconConfig['tls']['kind'];
  readonly fingerprint: string | undefined;
  readonly joinCode: string | undefined;
};

const LOCAL = ['localhost', '127.0.0.1', '::1', '0.0.0.0', '::'];
const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

export const greetingLines = (greeting: Greeting): readonly string[] => {
  const { port, listenOn } = greeting;
  const everywhere = listenOn === undefined || listenOn === '0.0.0.0' || listenOn === '::';
  const first = everywhere || LOCAL.includes(listenOn) ? 'localhost' : listenOn;
  const scheme = first === 'localhost' || greeting.tls === 'off' ? 'http' : 'https';
  const others = everywhere ? [...(greeting.name ? [greeting.name] : []), ...greeting.addresses] : [];
  const lines = [`LGOS is ready at ${scheme}://${bracketed(first)}:${port}`];
  if (first !== 'localhost' && greeting.tls === 'off') lines.push(`  ${INSECURE}`);
  for (const other of others) {
    const host = `${bracketed(other)}:${port}`;
    if (greeting.tls === 'off') lines.push(`  http://${host}  not usable by a browser: ${INSECURE}`);
    else if (greeting.tls === 'self')
      lines.push(`  https://${host}  usable once a device trusts this machine: https://${host}/install-authority`);
    else lines.push(`  https://${host}  usable where your certificate names this address`);
  }
  if (greeting.fingerprint) lines.push(`Authority SHA-256: ${greeting.fingerprint}`);
  if (greeting.joinCode) lines.push(`Join code: ${greeting.joinCode}`);
  return lines;
};

const INSECURE =
  'it is not secure without a certificate. Start with --tls self, or set LGOS_TLS_CERT and LGOS_TLS_KEY.';

/** One sentence for an error of `listen`. */
export const listenSentence = (fault: unknown, config: Pick<BeaconConfig, 'port' | 'listenOn'>): string => {
  const code = (fault as NodeJS.ErrnoException | undefined)?.code;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${config.port} is taken by another program: stop it, or choose another port with LGOS_PORT.`;
    case 'EACCES':
      return `This user may not listen on port ${config.port}: choose one above 1023 with LGOS_PORT.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `LGOS_HOST=${config.listenOn} is not an address of this machine.`;
    default:
      return `Port ${config.port} cannot be opened: ${fault instanceof Error ? fault.message : String(fault)}.`;
  }
};

/** One sentence for a UDP port that cannot be had. */
export const stunSentence = (fault: unknown, port: number): string => {
  const code = (fault as NodeJS.ErrnoException | undefined)?.code;
  const why =
    code === 'EADDRINUSE'
      ? 'is taken by another program'
      : `cannot be opened (${code ?? (fault instanceof Error ? fault.message : String(fault))})`;
  return `STUN is off, because UDP port ${port} ${why}: choose another with LGOS_STUN_PORT, or off.`;
};
