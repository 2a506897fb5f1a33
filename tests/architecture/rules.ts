/**
 * The rooms and what each may import: the table of the architecture, as data. Rooms are tried in order and the first
 * that fits a path is its room. A path that ends in `/` means all under it; `self` is the room's own folder.
 * What is not allowed here is forbidden, packages included.
 */
import { builtinModules } from 'node:module';
import { type Edge, edgesOf, type Source } from './imports';

type Room = {
  readonly name: string;
  readonly path: RegExp;
  readonly may: readonly (string | RegExp)[];
  /** Only with `import type`. */
  readonly types?: readonly string[];
  /** Taken back out of `may`. */
  readonly never?: readonly string[];
};

/** The shapes that cross between a page and a kernel; nothing but types, so that any layer can speak of them. */
const SURFACE = 'src/bridge/messages';
const PORTS = 'src/ports';
/** What people wrote is read in one way, wherever it is drawn. */
const MARKDOWN = 'src/base/markdown/';
const SEND = ['src/vm/net/', 'src/vm/overlay/', 'src/vm/sync/'];
const OTHER_SCHEMAS = /^src\/domain\/[^/]+\/schema$/;

export const ROOMS: readonly Room[] = [
  { name: 'base', path: /^src\/base\//, may: ['src/base/'] },
  { name: 'ports', path: /^src\/ports$/, may: ['src/base/'] },
  { name: 'vm/op', path: /^src\/vm\/op\//, may: ['src/base/', 'self'], types: [PORTS] },
  {
    name: 'vm/journal, vm/graph',
    path: /^src\/vm\/(journal|graph)\//,
    may: ['src/base/', 'src/vm/'],
    types: [PORTS],
    never: SEND,
  },
  {
    name: 'vm/net, vm/overlay, vm/replica',
    path: /^src\/vm\/(net|overlay|replica)\//,
    may: ['src/base/', 'src/vm/'],
    types: [PORTS],
    never: ['src/vm/graph/'],
  },
  { name: 'vm', path: /^src\/vm\//, may: ['src/base/', 'src/vm/'], types: [PORTS] },
  { name: 'os/kernel', path: /^src\/os\/kernel\//, may: ['src/base/', 'src/vm/', 'src/os/'], types: [PORTS, SURFACE] },
  { name: 'os/rights', path: /^src\/os\/rights\//, may: ['src/base/', 'src/vm/', 'src/os/'], types: [PORTS, SURFACE] },
  { name: 'os', path: /^src\/os\//, may: ['src/base/', 'src/vm/', 'src/os/'], types: [SURFACE] },
  { name: 'domain/index', path: /^src\/domain\/[^/]+$/, may: ['src/base/', 'src/os/schema/define', 'src/domain/'] },
  {
    name: 'domain',
    path: /^src\/domain\/[^/]+\//,
    may: ['src/base/', 'src/os/schema/define', 'self', OTHER_SCHEMAS],
    types: [SURFACE],
  },
  { name: 'bridge/messages', path: /^src\/bridge\/(messages$|answers\/)/, may: [], types: ['src/bridge/answers/'] },
  { name: 'bridge', path: /^src\/bridge\//, may: ['src/base/', 'src/bridge/'], types: ['src/os/'] },
  {
    name: 'view/kit',
    path: /^src\/view\/(kit|locales)\//,
    may: ['src/base/called', 'src/base/reference', MARKDOWN, 'src/bridge/client', 'src/view/kit/', 'src/view/locales/'],
    types: [SURFACE],
  },
  {
    name: 'view/shell',
    path: /^src\/view\/shell\//,
    may: ['src/base/called', MARKDOWN, 'src/bridge/client', 'src/domain/', 'src/view/'],
    types: [SURFACE],
  },
  {
    name: 'view/lab',
    path: /^src\/view\/lab\//,
    may: ['src/view/kit/', 'lab/messages', 'self'],
  },
  {
    name: 'view',
    path: /^src\/view\/[^/]+\//,
    may: ['src/base/reference', MARKDOWN, 'src/bridge/client', 'src/domain/', 'src/view/kit/', 'self'],
    types: [SURFACE],
  },
  {
    name: 'platform/browser',
    path: /^src\/platform\/browser\//,
    may: ['src/base/', PORTS, 'src/vm/net/rendezvous', 'self', /^src\/platform\/[^/]+$/],
  },
  {
    name: 'platform/node',
    path: /^src\/platform\/node\//,
    may: ['src/base/', PORTS, 'src/vm/net/rendezvous', 'self', /^src\/platform\/[^/]+$/],
  },
  {
    name: 'platform',
    path: /^src\/platform\//,
    may: ['src/base/', PORTS, 'src/vm/net/rendezvous', 'src/platform/memory/', /^src\/platform\/[^/]+$/, 'wasm/build/'],
  },
  { name: 'guard', path: /^src\/guard$/, may: [] },
  {
    name: 'node',
    path: /^src\/node$/,
    may: ['src/base/', PORTS, 'src/os/', 'src/bridge/', 'src/domain/index', 'src/platform/'],
    never: ['src/platform/browser/'],
  },
  {
    name: 'main',
    path: /^src\/main$/,
    may: [
      'src/base/',
      PORTS,
      'src/os/',
      'src/bridge/',
      'src/domain/index',
      'src/platform/',
      'src/view/',
      'src/guard',
      'workers/',
    ],
    never: ['src/platform/node/'],
  },
  {
    name: 'lab',
    path: /^lab\//,
    may: ['src/base/', PORTS, 'src/vm/', 'src/os/', 'src/domain/index', 'src/platform/', 'signaling/lobby', 'self'],
    types: [SURFACE],
    never: ['src/platform/node/', 'src/platform/browser/'],
  },
  { name: 'workers/lab', path: /^workers\/lab\.worker$/, may: ['lab/'] },
  { name: 'workers/service', path: /^workers\/service\.worker$/, may: [] },
  {
    name: 'workers',
    path: /^workers\//,
    may: ['src/base/', PORTS, 'src/os/', 'src/bridge/', 'src/domain/index', 'src/platform/', 'self'],
    never: ['src/platform/node/'],
  },
  {
    name: 'beacon',
    path: /^beacon\//,
    may: [
      'src/base/',
      PORTS,
      'src/vm/net/ice',
      'src/os/',
      'src/domain/index',
      'src/platform/',
      'signaling/nats',
      'signaling/server',
      'self',
    ],
    never: ['src/platform/browser/', 'src/platform/memory/'],
  },
  { name: 'signaling', path: /^signaling\//, may: ['src/base/', 'src/vm/net/rendezvous', 'self'] },
];

const PAGE = ['src/view/', 'src/main'];
const NODE = ['src/platform/node/', 'beacon/', 'signaling/', 'src/node'];
/** Who may name which package. */
export const PACKAGES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^node:/, NODE],
  [
    /^(react|react-dom|@tiptap\/.+|@lingui\/.+|@floating-ui\/.+|@tanstack\/.+|radix-ui|lucide-react|sonner|wouter|uqr)$/,
    PAGE,
  ],
  [/^virtual:pwa-register/, PAGE],
  [/^yjs$/, ['src/vm/', 'src/view/editor/']],
  [/^lib0$/, ['src/vm/']],
  [/^y-protocols$/, ['src/view/editor/']],
  [/^@noble\/hashes$/, ['src/base/', 'src/vm/']],
  [/^fflate$/, ['src/base/zip', 'src/view/exchange/']],
  [/^@noble\/curves$/, ['src/base/p256']],
  [/^@scure\/bip39$/, ['src/os/rights/phrase']],
  [/^jsqr$/, ['src/view/shell/']],
  [/^comlink$/, ['src/bridge/', 'workers/', 'src/main']],
  [/^idb$/, ['src/platform/browser/']],
  [/^(lmdb|node-datachannel)$/, ['src/platform/node/']],
  [/^@nats-io\/transport-node$/, ['signaling/']],
  [/^ws$/, ['src/platform/node/', 'beacon/', 'signaling/']],
  [/^(sirv|@peculiar\/x509)$/, ['beacon/']],
  [/^workbox-(precaching|routing)$/, ['workers/service.worker']],
  [/^gun$/, ['src/platform/commons', 'beacon/']],
  [/^y-webrtc$/, ['src/platform/browser/scratch']],
  [/^(@huggingface\/transformers|onnxruntime-web)$/, ['workers/agent.worker']],
];

const fits = (path: string, pattern: string): boolean =>
  pattern.endsWith('/') ? path.startsWith(pattern) : path === pattern || path === `${pattern}/index`;
const roomOf = (path: string): Room | undefined => ROOMS.find((room) => room.path.test(path));

const faultOf = ({ from, target, isPackage, typeOnly }: Edge): string | undefined => {
  if (isPackage) {
    const name = builtinModules.includes(target) ? `node:${target}` : target;
    const rule = PACKAGES.find(([pattern]) => pattern.test(name));
    if (!rule) return `package ${target}: no rule names it`;
    return rule[1].some((place) => fits(from, place)) ? undefined : `package ${name}: not for this room`;
  }
  const room = roomOf(from);
  if (!room) return `${from} lies in no room`;
  const own = /^(.*\/)[^/]*$/.exec(room.path.exec(from)?.[0].replace(/[^/]*$/, '') ?? '')?.[1] ?? '';
  const matches = (pattern: string | RegExp): boolean =>
    typeof pattern === 'string' ? fits(target, pattern === 'self' ? own : pattern) : pattern.test(target);
  const isForbidden = room.never?.some(matches) ?? false;
  if (!isForbidden && room.may.some(matches)) return undefined;
  if (typeOnly && !isForbidden && room.types?.some(matches)) return undefined;
  return `room ${room.name}: may not import ${room.types?.some(matches) ? 'values of ' : ''}${target}`;
};

/** One line for each import that breaks a rule: `path: fault`. */
export const violations = (files: readonly Source[]): string[] =>
  files.flatMap((file) =>
    edgesOf(file).flatMap((edge) => {
      const fault = faultOf(edge);
      return fault ? [`${file.path}: ${fault}`] : [];
    }),
  );
