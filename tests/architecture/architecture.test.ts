/** The arrows between rooms hold in every file, and each rule is shown to fire on a planted violation. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bannedUses, PURE } from './calls';
import { edgesOf, type Source } from './imports';
import { strangers, TOP, TOP_OF_SRC } from './places';
import { PACKAGES, ROOMS, violations } from './rules';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES: readonly Source[] = ['src', 'lab', 'workers', 'beacon', 'signaling'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
    .map((path) => ({
      path: `${folder}/${path.replaceAll(sep, '/')}`,
      text: readFileSync(join(ROOT, folder, path), 'utf8'),
    })),
);
const file = (path: string, text: string): Source => ({ path, text });

/** For each room: an import that must be refused, as `[room, file, code]`. */
const REFUSED: readonly (readonly [string, string, string])[] = [
  ['base', 'src/base/bytes.ts', "import type { Ports } from '../ports';"],
  ['ports', 'src/ports.ts', "import type { Op } from './vm/op/body';"],
  ['vm/op', 'src/vm/op/body.ts', "import { journal } from '../journal/journal';"],
  ['vm/op', 'src/vm/op/body.ts', "import { TABLES } from '../../ports';"],
  ['vm/journal, vm/graph', 'src/vm/graph/fold.ts', "import { frame } from '../net/frame';"],
  ['vm/journal, vm/graph', 'src/vm/journal/log.ts', "import type { Session } from '../sync/session';"],
  ['vm/journal, vm/graph', 'src/vm/journal/log.ts', "export { score } from '../overlay/score';"],
  ['vm/net, vm/overlay, vm/replica', 'src/vm/net/frame.ts', "import { fold } from '../graph/fold';"],
  ['vm/net, vm/overlay, vm/replica', 'src/vm/overlay/score.ts', "import type { Engine } from '../graph/engine';"],
  ['vm/net, vm/overlay, vm/replica', 'src/vm/replica/health.ts', "export * from '../graph/fold';"],
  ['vm', 'src/vm/blob/chunk.ts', "import { role } from '../../os/rights/roles';"],
  ['vm', 'src/vm/sync/session.ts', "import { TABLES } from '../../ports';"],
  ['os/kernel', 'src/os/kernel/kernel.ts', "import { apps } from '../../domain/index';"],
  ['os/kernel', 'src/os/kernel/kernel.ts', "import { TABLES } from '../../ports';"],
  ['os/rights', 'src/os/rights/acl.ts', "import { createClient } from '../../bridge/client';"],
  ['os', 'src/os/graph/live.ts', "import type { Clock } from '../../ports';"],
  ['os', 'src/os/schema/define.ts', "import type { chat } from '../../domain/chat/schema';"],
  ['domain/index', 'src/domain/index.ts', "import { kernel } from '../os/kernel/kernel';"],
  ['domain', 'src/domain/chat/commands.ts', "import { edit } from '../editor/commands';"],
  ['domain', 'src/domain/chat/schema.ts', "import { live } from '../../os/graph/live';"],
  ['domain', 'src/domain/chat/schema.ts', "import type { Op } from '../../vm/op/body';"],
  ['bridge/messages', 'src/bridge/messages.ts', "import type { Role } from '../os/rights/roles';"],
  ['bridge', 'src/bridge/server.ts', "import { kernel } from '../os/kernel/kernel';"],
  ['bridge', 'src/bridge/client.ts', "import { App } from '../view/shell/App';"],
  ['view/kit', 'src/view/kit/Button.tsx', "import { chat } from '../../domain/chat/schema';"],
  ['view/kit', 'src/view/kit/Button.tsx', "import { Page } from '../chat/Page';"],
  ['view/shell', 'src/view/shell/App.tsx', "import { open } from '../../platform/browser/idb';"],
  ['view/lab', 'src/view/lab/LabPage.tsx', "import { openExperiment } from '../../../lab/experiment';"],
  ['view', 'src/view/chat/Page.tsx', "import { EditorPage } from '../editor/EditorPage';"],
  ['view', 'src/view/chat/Page.tsx', "import { App } from '../shell/App';"],
  ['view', 'src/view/chat/Page.tsx', "const os = await import('../../os/graph/live');"],
  ['view', 'src/view/chat/Page.tsx', "import { isRefusal } from '../../bridge/messages';"],
  ['platform/browser', 'src/platform/browser/idb.ts', "import { lmdb } from '../node/lmdb';"],
  ['platform/node', 'src/platform/node/lmdb.ts', "import { idb } from '../browser/idb';"],
  ['platform', 'src/platform/engine.ts', "import { kernel } from '../os/kernel/kernel';"],
  ['guard', 'src/guard.ts', "import { ok } from './base/result';"],
  ['node', 'src/node.ts', "import { idb } from './platform/browser/idb';"],
  ['main', 'src/main.tsx', "import { lmdb } from './platform/node/lmdb';"],
  ['main', 'src/main.tsx', "import { seal } from './vm/op/seal';"],
  ['lab', 'lab/fleet.ts', "import { idb } from '../src/platform/browser/idb';"],
  ['lab', 'lab/run.ts', "import { App } from '../src/view/shell/App';"],
  ['workers/lab', 'workers/lab.worker.ts', "import { createKernel } from '../src/os/kernel/kernel';"],
  ['workers/service', 'workers/service.worker.ts', "import { kernel } from '../src/os/kernel/kernel';"],
  ['workers', 'workers/kernel.worker.ts', "import { App } from '../src/view/shell/App';"],
  ['workers', 'workers/kernel.worker.ts', "new Worker(new URL('../src/main.tsx', import.meta.url));"],
  ['beacon', 'beacon/main.ts', "import { App } from '../src/view/shell/App';"],
  ['beacon', 'beacon/main.ts', "import { idb } from '../src/platform/browser/idb';"],
  ['beacon', 'beacon/main.ts', "import { lobby } from '../signaling/lobby';"],
  ['signaling', 'signaling/server.ts', "import { open } from '../src/vm/op/seal';"],
  ['signaling', 'signaling/server.ts', "import type { KernelApi } from '../src/bridge/messages';"],
];

/** For each line of the table of packages: a use that must be refused. */
const REFUSED_PACKAGES: readonly (readonly [string, string])[] = [
  ['node:fs', 'src/platform/webcrypto.ts'],
  ['fs', 'src/os/graph/live.ts'],
  ['react', 'src/bridge/client.ts'],
  ['@tiptap/core', 'src/domain/editor/schema.ts'],
  ['virtual:pwa-register', 'workers/kernel.worker.ts'],
  ['yjs', 'src/view/chat/Page.tsx'],
  ['lib0/encoding', 'src/os/graph/live.ts'],
  ['y-protocols/awareness', 'src/vm/net/frame.ts'],
  ['@noble/hashes/sha2.js', 'src/os/rights/acl.ts'],
  ['fflate', 'src/os/kernel/exchange.ts'],
  ['@noble/curves/nist.js', 'src/platform/webcrypto.ts'],
  ['@scure/bip39/wordlists/english.js', 'src/view/shell/Recovery.tsx'],
  ['jsqr', 'src/view/chat/ChatPage.tsx'],
  ['comlink', 'src/view/kit/kernel.tsx'],
  ['idb', 'src/platform/memory/storage.ts'],
  ['lmdb', 'beacon/main.ts'],
  ['@nats-io/transport-node', 'beacon/main.ts'],
  ['ws', 'src/platform/browser/transport.ts'],
  ['sirv', 'signaling/server.ts'],
  ['workbox-routing', 'workers/kernel.worker.ts'],
  ['gun/sea', 'src/vm/graph/fold.ts'],
  ['y-webrtc', 'src/platform/browser/rtc.ts'],
  ['onnxruntime-web', 'workers/kernel.worker.ts'],
];

describe('imports', () => {
  it('rooms: no file imports what its room may not', () => {
    expect(SOURCES.length).toBeGreaterThan(50);
    expect(violations(SOURCES)).toEqual([]);
  });
  it.each(REFUSED)('rooms: %s refuses, in %s: %s', (room, path, code) => {
    const found = violations([file(path, code)]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`${path}: room ${room}: may not import`);
  });
  it('rooms: every room has a planted violation', () => {
    expect(new Set(REFUSED.map(([room]) => room))).toEqual(new Set(ROOMS.map(({ name }) => name)));
  });
  it.each(REFUSED_PACKAGES)('packages: %s is refused in %s', (name, path) => {
    const found = violations([file(path, `import '${name}';`)]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('not for this room');
  });
  it('packages: every line of the table has a planted violation', () => {
    const used = REFUSED_PACKAGES.map(([name]) =>
      name === 'fs' ? 'node:fs' : name.replace(/^(@[^/]+\/[^/]+|[^@/][^/]*)\/.*$/, '$1'),
    );
    for (const [pattern] of PACKAGES) expect(used.some((name) => pattern.test(name))).toBe(true);
  });
  it('packages: one that no rule names is refused, and so is a computed address', () => {
    expect(violations([file('src/view/chat/Page.tsx', "import x from 'left-pad';")])).toEqual([
      'src/view/chat/Page.tsx: package left-pad: no rule names it',
    ]);
    expect(violations([file('src/main.tsx', 'await import(name);')])).toEqual([
      'src/main.tsx: package ?: no rule names it',
    ]);
  });
  it('rooms: a file in no room is refused', () => {
    expect(violations([file('src/utils.ts', "import './base/bytes';")])).toEqual([
      'src/utils.ts: src/utils lies in no room',
    ]);
  });
  it('rooms: what the architecture allows passes', () => {
    const allowed = [
      file('src/vm/op/seal.ts', "import type { Crypto } from '../../ports'; import { hash } from '../../base/hash';"),
      file('src/vm/op/seal.ts', "import { type Crypto, type Random } from '../../ports';"),
      file('src/vm/sync/session.ts', "import { fold } from '../graph/fold';"),
      file('src/os/kernel/effects.ts', "type Clock = import('../../ports').Clock;"),
      file('src/domain/goals/schema.ts', "import { channel } from '../chat/schema'; import './commands';"),
      file('src/view/shell/App.tsx', "import { Page } from '../chat/Page'; import 'react';"),
      file(
        'src/view/chat/Page.tsx',
        "import { useQuery } from '../kit/kernel'; import './page.css'; import '../../domain/chat/schema';",
      ),
      file(
        'src/main.tsx',
        "import App from './view/shell/App'; new URL('../workers/kernel.worker.ts', import.meta.url);",
      ),
      file('beacon/main.ts', "import { serve } from '../signaling/server'; import 'node:http';"),
    ];
    expect(violations(allowed)).toEqual([]);
  });
  it('edges: every way of naming a module is read, text and comments are not', () => {
    const code = [
      "import a from './a'; import type { B } from './b'; import { type C, type D } from './c'; import { type E, e } from './e';",
      "export * from './f'; export type { G } from './g'; export { h } from './h'; export const text = \"import './no'\";",
      "// import './no'\nconst i = import('./i'); let j: import('./j').J; import k = require('./k'); const l = require(`./l`);",
      "new Worker(new URL('./m.worker.ts?worker', import.meta.url)); import n from './n?url'; import o from '/base/o';",
    ].join('\n');
    const edges = edgesOf(file('src/x/y.ts', code)).map(
      ({ target, typeOnly }) => `${target}${typeOnly ? ' type' : ''}`,
    );
    expect(edges.sort()).toEqual([
      ...[
        'base/o',
        'src/x/a',
        'src/x/b type',
        'src/x/c type',
        'src/x/e',
        'src/x/f',
        'src/x/g type',
        'src/x/h',
        'src/x/i',
      ],
      ...['src/x/j type', 'src/x/k', 'src/x/l', 'src/x/m.worker', 'src/x/n'],
    ]);
  });
  it('edges: a file that does not parse is an error, not a pass', () => {
    expect(() => violations([file('src/base/a.ts', 'import {')])).toThrow('src/base/a.ts');
  });
});

describe('pure rooms', () => {
  it('pure: no clock, chance, timer or console in base, ports, vm, os, domain', () => {
    expect(SOURCES.filter(({ path }) => PURE.test(path)).length).toBeGreaterThan(20);
    expect(bannedUses(SOURCES)).toEqual([]);
  });
  it.each([
    ['Date.now', 'const t = Date.now();'],
    ['Date.now', "const t = Date['now']();"],
    ['Date.now', 'take(Date.now);'],
    ['Math.random', 'const r = () => Math.random();'],
    ['setTimeout', 'setTimeout(run, 5);'],
    ['setInterval', 'const tick = setInterval;'],
    ['setImmediate', 'setImmediate(run);'],
    ['queueMicrotask', 'queueMicrotask(run);'],
    ['performance', 'const t = performance.now();'],
    ['console', "console.log('x');"],
    ['globalThis', 'globalThis.x = 1;'],
    ['new Date()', 'const d = new Date();'],
    ['Date()', 'const d = Date();'],
    ['Date renamed', 'const { now } = Date;'],
    ['Math renamed', 'const m = Math;'],
    ['import.meta', 'const u = import.meta.url;'],
    ['eval', "eval('1');"],
  ])('pure: %s is refused: %s', (use, code) => {
    expect(bannedUses([file('src/os/graph/live.ts', code)])).toEqual([`src/os/graph/live.ts: ${use}`]);
    expect(bannedUses([file('src/platform/clock.ts', code)])).toEqual([]);
  });
  it('pure: dates made from numbers, other arithmetic and members of those names pass', () => {
    const code =
      "new Date(5).getTime(); Math.floor(1.5); ports.console; const o = { console: 1 }; // Date.now()\n'setTimeout';";
    expect(bannedUses([file('src/base/a.ts', code)])).toEqual([]);
  });
});

describe('places', () => {
  const gitignore = readFileSync(join(ROOT, '.gitignore'), 'utf8');
  it('places: nothing lies at the top but what has its place there', () => {
    expect(strangers(readdirSync(ROOT), TOP, gitignore)).toEqual([]);
  });
  it('places: src is the list of rooms and hosts', () => {
    expect(strangers(readdirSync(join(ROOT, 'src')), TOP_OF_SRC, gitignore)).toEqual([]);
  });
  it('places: a stranger is named; what git ignores is not', () => {
    expect(strangers(['src', 'scripts', 'node_modules'], TOP, 'node_modules/\n')).toEqual(['scripts']);
    expect(strangers(['base', 'utils'], TOP_OF_SRC, '')).toEqual(['utils']);
  });
});
