/**
 * What the operator asked for, from environment and command line, read once into a value that cannot be wrong.
 * Pure. Each fault is one sentence that names the variable, what it holds, and what it may hold.
 */
import { err, ok, type Result } from '../src/base/result';
import { isTurnUrl, MAX_TURN, type TurnSecret } from '../src/vm/net/ice';

export type Hosting = 'open' | 'code' | 'listed';
export type TlsChoice =
  | { readonly kind: 'off' }
  | { readonly kind: 'self' }
  | { readonly kind: 'files'; readonly certificate: string; readonly key: string };

export type BeaconConfig = {
  readonly port: number;
  /** An address to listen on; all of them where absent. */
  readonly listenOn: string | undefined;
  /** The name under which people reach this machine, for certificates and printed addresses. */
  readonly name: string | undefined;
  readonly dataDirectory: string;
  readonly hosting: Hosting;
  /** Ids of people or spaces, 64 hex digits, for the policy `listed`. */
  readonly hosted: readonly string[];
  readonly quotaBytes: number;
  /** Signaling servers besides our own. */
  readonly signaling: readonly string[];
  /** What joins several signaling processes behind one address: NATS servers, by commas. */
  readonly bus: string | undefined;
  readonly links: 'any' | 'relay';
  /** UDP port of WebRTC; undefined for none. */
  readonly rtcPort: number | undefined;
  /** UDP port on which STUN is answered; 0 for any, undefined for none. */
  readonly stunPort: number | undefined;
  /** An address to listen on for UDP; all of them where absent. */
  readonly udpOn: string | undefined;
  /** TURN servers, and the secret that they share with this beacon. */
  readonly turn: TurnSecret | undefined;
  readonly tls: TlsChoice;
  readonly parts: 'all' | 'beacon' | 'signaling';
  readonly logging: boolean;
};

export type ConfigFault = { readonly type: 'usage'; readonly message: string };
export type Parsed = { readonly type: 'help' } | ({ readonly type: 'run' } & BeaconConfig);

export const HELP = `LifeGraph OS beacon: the page, signaling, the relay and the replica, on one port.

  npm start -- [options]
    --tls self          HTTPS with an authority made on this machine (for phones and other computers on your network)
    --only beacon       without signaling
    --only signaling    signaling alone: no page, no relay, no data
    --bus nats://HOST   several signaling processes behind one address share what is published, over NATS
    --help              this text

  Environment                                                          default
    LGOS_PORT           port to listen on                              4780
    LGOS_HOST           address to listen on, or this machine's name   all addresses
    LGOS_DATA           data directory                                 .lgos
    LGOS_HOSTING        who may keep spaces here: open, code, listed   code
    LGOS_HOSTED         for listed: ids of people or spaces, by commas
    LGOS_QUOTA_MB       space for one hosted space, in MB              1024
    LGOS_SIGNALING      more signaling servers (wss://...), by commas
    LGOS_BUS            the same as --bus; user:password@ may be in it
    LGOS_LINKS          any, or relay: no direct links between tabs    any
    LGOS_RTC_PORT       UDP port of WebRTC, or off                     off
    LGOS_STUN_PORT      UDP port on which STUN is answered, or off     the next one
    LGOS_UDP_HOST       address to listen on for UDP                   as LGOS_HOST
    LGOS_TURN           TURN servers (turn:host:3478), by commas
    LGOS_TURN_SECRET    the secret that they share with this beacon
    LGOS_TLS_CERT       certificate file (PEM), with LGOS_TLS_KEY
    LGOS_TLS_KEY        its private key file (PEM)
    LGOS_LOG            on: one JSON object a line on standard error   off
`;

type Environment = Readonly<Record<string, string | undefined>>;

class Fault extends Error {}

export const parseConfig = (environment: Environment, args: readonly string[]): Result<Parsed, ConfigFault> => {
  try {
    const options = optionsIn(args);
    return ok(options.help ? { type: 'help' } : { type: 'run', ...configFrom(environment, options) });
  } catch (fault) {
    if (fault instanceof Fault) return err({ type: 'usage', message: fault.message });
    throw fault;
  }
};

type Options = {
  readonly help: boolean;
  readonly selfTls: boolean;
  readonly parts: BeaconConfig['parts'];
  readonly bus?: string;
};

const optionsIn = (args: readonly string[]): Options => {
  let options: Options = { help: false, selfTls: false, parts: 'all' };
  const rest = args.flatMap((arg) =>
    /^--\w+=/.test(arg) ? [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)] : [arg],
  );
  while (rest.length > 0) {
    const option = rest.shift();
    switch (option) {
      case '--help':
      case '-h':
        options = { ...options, help: true };
        break;
      case '--tls': {
        const value = rest.shift();
        if (value !== 'self')
          throw new Fault(
            `--tls takes "self"${seen(value)}; for your own certificate set LGOS_TLS_CERT and LGOS_TLS_KEY.`,
          );
        options = { ...options, selfTls: true };
        break;
      }
      case '--only': {
        const value = rest.shift();
        if (value !== 'beacon' && value !== 'signaling')
          throw new Fault(`--only takes "beacon" or "signaling"${seen(value)}.`);
        options = { ...options, parts: value };
        break;
      }
      case '--bus': {
        const value = rest.shift();
        if (value === undefined)
          throw new Fault('--bus takes the address of a NATS server, such as nats://localhost:4222.');
        options = { ...options, bus: value };
        break;
      }
      default:
        throw new Fault(`There is no option "${clipped(option ?? '')}"; --help lists them.`);
    }
  }
  return options;
};

const clipped = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}...` : text);
const seen = (value: string | undefined): string => (value === undefined ? '' : `, not "${clipped(value)}"`);

const configFrom = (environment: Environment, options: Options): BeaconConfig => {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const hosting = oneOf('LGOS_HOSTING', read('LGOS_HOSTING') ?? 'code', ['open', 'code', 'listed']);
  const hosted = listOf(read('LGOS_HOSTED'));
  const wrong = hosted.find((id) => !/^[0-9a-f]{64}$/.test(id));
  if (wrong !== undefined)
    throw new Fault(`LGOS_HOSTED takes ids of 64 hex digits, separated by commas, not "${clipped(wrong)}".`);
  if (hosting === 'listed' && hosted.length === 0)
    throw new Fault('LGOS_HOSTING=listed needs LGOS_HOSTED, the ids of people or spaces to host.');
  const host = read('LGOS_HOST');
  if (host !== undefined && !/^[\w.:%-]+$/.test(host))
    throw new Fault(`LGOS_HOST is an address or a name, not "${clipped(host)}".`);
  const udpOn = read('LGOS_UDP_HOST');
  if (udpOn !== undefined && !(isAddress(udpOn) && /^[\w.:%-]+$/.test(udpOn)))
    throw new Fault(`LGOS_UDP_HOST is an address of this machine, not "${clipped(udpOn)}".`);
  const rtc = read('LGOS_RTC_PORT') ?? 'off';
  const rtcPort = rtc === 'off' ? undefined : numberOf('LGOS_RTC_PORT', rtc, 1, 65_534);
  const port = numberOf('LGOS_PORT', read('LGOS_PORT') ?? '4780', 0, 65_535);
  const stunPort = stunPortOf(read('LGOS_STUN_PORT'), rtcPort ?? port);
  if (rtcPort !== undefined && rtcPort === stunPort)
    throw new Fault(`LGOS_RTC_PORT and LGOS_STUN_PORT are two UDP ports, not both ${rtcPort}.`);
  return {
    port,
    listenOn: host !== undefined && isAddress(host) ? host : undefined,
    name: host !== undefined && !isAddress(host) ? host : undefined,
    dataDirectory: read('LGOS_DATA') ?? '.lgos',
    hosting,
    hosted,
    quotaBytes: numberOf('LGOS_QUOTA_MB', read('LGOS_QUOTA_MB') ?? '1024', 1, 1_000_000_000) * 1024 * 1024,
    signaling: listOf(read('LGOS_SIGNALING')).map(signalingUrl),
    bus: busOf(options.bus ?? read('LGOS_BUS'), options.parts),
    links: oneOf('LGOS_LINKS', read('LGOS_LINKS') ?? 'any', ['any', 'relay']),
    rtcPort,
    stunPort,
    udpOn: udpOn ?? (host !== undefined && isAddress(host) ? host : undefined),
    turn: turnOf(listOf(read('LGOS_TURN')), read('LGOS_TURN_SECRET')),
    tls: tlsOf(read('LGOS_TLS_CERT'), read('LGOS_TLS_KEY'), options.selfTls),
    parts: options.parts,
    logging: oneOf('LGOS_LOG', read('LGOS_LOG') ?? 'off', ['on', 'off']) === 'on',
  };
};

const isAddress = (host: string): boolean => host === 'localhost' || host.includes(':') || /^\d+(\.\d+){3}$/.test(host);

const listOf = (value: string | undefined): readonly string[] =>
  (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

const oneOf = <const Values extends readonly string[]>(name: string, value: string, values: Values): Values[number] => {
  if (!values.includes(value)) throw new Fault(`${name} is one of ${values.join(', ')}, not "${clipped(value)}".`);
  return value;
};

const numberOf = (name: string, value: string, least: number, most: number): number => {
  const number = Number(value);
  if (!/^\d{1,10}$/.test(value) || number < least || number > most) {
    throw new Fault(`${name} is a whole number from ${least} to ${most}, not "${clipped(value)}".`);
  }
  return number;
};

const signalingUrl = (text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'wss:' && url?.protocol !== 'ws:') {
    throw new Fault(`LGOS_SIGNALING takes addresses that begin with wss:// or ws://, not "${clipped(text)}".`);
  }
  return url.href;
};

const busOf = (text: string | undefined, parts: BeaconConfig['parts']): string | undefined => {
  if (text === undefined) return undefined;
  if (parts === 'beacon') throw new Fault('A bus is for signaling; with --only beacon there is none.');
  const urls = listOf(text);
  const isNats = (url: string): boolean =>
    URL.canParse(url) && new URL(url).protocol === 'nats:' && new URL(url).host !== '';
  // What is wrong may hold a password, so it is not repeated.
  if (urls.length === 0 || !urls.every(isNats))
    throw new Fault('--bus and LGOS_BUS take addresses that begin with nats://, separated by commas.');
  return urls.join();
};

/** Of a port that is chosen by the machine the next one is as well. */
const stunPortOf = (value: string | undefined, port: number): number | undefined => {
  if (value === 'off') return undefined;
  return numberOf('LGOS_STUN_PORT', value ?? String(port === 0 ? 0 : Math.min(port + 1, 65_535)), 0, 65_535);
};

const turnOf = (urls: readonly string[], secret: string | undefined): TurnSecret | undefined => {
  const wrong = urls.find((url) => !isTurnUrl(url));
  if (wrong !== undefined || urls.length > MAX_TURN)
    throw new Fault(`LGOS_TURN takes at most ${MAX_TURN} addresses such as turn:turn.example.org:3478${seen(wrong)}.`);
  if (urls.length > 0 && secret === undefined)
    throw new Fault('LGOS_TURN and LGOS_TURN_SECRET go together; LGOS_TURN_SECRET is missing.');
  if (urls.length === 0 && secret !== undefined)
    throw new Fault('LGOS_TURN and LGOS_TURN_SECRET go together; LGOS_TURN is missing.');
  return secret === undefined ? undefined : { urls, secret };
};

const tlsOf = (certificate: string | undefined, key: string | undefined, self: boolean): TlsChoice => {
  if (self && (certificate || key)) throw new Fault('Choose one: --tls self, or LGOS_TLS_CERT and LGOS_TLS_KEY.');
  if (self) return { kind: 'self' };
  if (certificate && key) return { kind: 'files', certificate, key };
  if (certificate || key)
    throw new Fault(
      `LGOS_TLS_CERT and LGOS_TLS_KEY go together; ${certificate ? 'LGOS_TLS_KEY' : 'LGOS_TLS_CERT'} is missing.`,
    );
  return { kind: 'off' };
};
