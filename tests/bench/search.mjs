/**
 * P13. Search over 50,000 objects of Russian and English text: the index of `src/os/search`, and MiniSearch with the same
 * words and stems as the peer, each in its own process and in turn. Measured are building, what stays in memory, and the
 * time of an answer of 20 rows while the last word is being typed and to two whole words.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { ROOT } from '../../beacon/install.mjs';
import { row } from './figures.mjs';

const OBJECTS = 50_000;
const QUESTIONS = 400;
const NOW = Date.UTC(2026, 0, 1);

/** Numbers from 0 to 1, the same in every run. */
const randomFrom = (seed) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
};

/** Words are as frequent as in a language: the one of rank n about 1/n as often as the first; with the endings of their forms. */
const corpus = () => {
  const random = randomFrom(7);
  const pick = (all) => all[Math.floor(random() * all.length)];
  const lemmas = (first, second, endings, n) =>
    Array.from({ length: n }, (_, i) => {
      const length = i < 40 ? 1 : 2 + Math.floor(random() * 3);
      const stem = Array.from({ length }, () => pick(first) + pick(second)).join('');
      return endings.map((ending) => stem + ending);
    });
  const languages = [
    lemmas([...'бвгдзклмнпрст'], [...'аеиоуыя'], ['', 'а', 'у', 'ом', 'е', 'ы', 'ов', 'ами', 'ный', 'ного'], 20_000),
    lemmas([...'bcdfgklmnprst'], ['a', 'e', 'i', 'o', 'u', 'er', 'an'], ['', 's', 'ed', 'ing', 'ly'], 20_000),
  ];
  const text = (length) => {
    const language = pick(languages);
    return Array.from({ length }, () => {
      const rank = Math.floor(Math.exp(random() * Math.log(language.length))) - 1;
      return pick(language[rank]);
    }).join(' ');
  };
  const objects = Array.from({ length: OBJECTS }, (_, i) => ({
    id: String(i),
    title: i % 20 === 0 ? text(4) : '',
    // One in twenty is a document, the others are messages.
    text: i % 20 === 0 ? Array.from({ length: 12 }, () => text(30)).join('\n') : text(3 + Math.floor(random() * 40)),
  }));
  const questions = { begun: [], words: [] };
  for (let i = 0; i < QUESTIONS; i++) {
    const words = pick(objects)
      .text.split(/\s/)
      .filter((word) => word.length > 3);
    if (words.length < 2) continue;
    questions.begun.push(pick(words).slice(0, 2 + Math.floor(random() * 4)));
    questions.words.push(`${pick(words)} ${pick(words)} `);
  }
  return { objects, questions };
};

const used = () => {
  for (let i = 0; i < 3; i++) globalThis.gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
/** Of the processor, in ms: what a busy machine does meanwhile is not in it. */
const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const quantile = (times, share) => {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] * 100) / 100;
};

/** One process: `ours` or `peer`. */
const measure = async (what, built) => {
  const { SearchIndex, findIn, readQuestion, wordsOf, stemOf } = await import(built);
  const { objects, questions } = corpus();
  const before = used();
  const began = performance.now();
  const busyFrom = processor();
  let longest = 0;
  let ask;
  if (what === 'ours') {
    const index = new SearchIndex();
    const step = (work) => {
      const from = performance.now();
      const more = work();
      longest = Math.max(longest, performance.now() - from);
      return more;
    };
    for (const { id, title, text } of objects) {
      const item = { id, space: 's', type: 'Message', author: 'a', within: 'c', at: NOW - Number(id) * 60_000 };
      const putting = index.put(item, { title, text });
      while (step(() => !putting.next().done));
      while (step(() => index.tend(20_000)));
    }
    ask = (typed) =>
      findIn(index, readQuestion(typed, { now: NOW, offset: 0 }), { accepts: () => true, now: NOW, limit: 20 });
  } else {
    const { default: MiniSearch } = await import('minisearch');
    const peer = new MiniSearch({
      fields: ['title', 'text'],
      tokenize: (text) => wordsOf(text).map((word) => word.text),
      processTerm: stemOf,
      searchOptions: { combineWith: 'AND', boost: { title: 3 } },
    });
    peer.addAll(objects);
    ask = (typed) => peer.search(typed, { prefix: !typed.endsWith(' ') }).slice(0, 20);
  }
  const buildMs = performance.now() - began;
  const buildBusy = processor() - busyFrom;
  const memoryMb = (used() - before) / 2 ** 20;
  const timed = (all, clock) =>
    all.map((typed) => {
      const from = clock();
      ask(typed);
      return clock() - from;
    });
  const wall = () => performance.now();
  timed(questions.begun.slice(0, 50), wall);
  timed(questions.words.slice(0, 50), wall);
  return {
    buildMs,
    buildBusy,
    longest,
    memoryMb,
    begun: timed(questions.begun, wall),
    words: timed(questions.words, wall),
    begunBusy: timed(questions.begun, processor),
    wordsBusy: timed(questions.words, processor),
    found: [...questions.begun, ...questions.words].filter((typed) => ask(typed).length > 0).length,
  };
};

export const search = async ({ runs }) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-bench-'));
  try {
    await build({
      configFile: false,
      logLevel: 'error',
      build: {
        lib: { entry: `${ROOT}/tests/bench/search-entry.mjs`, formats: ['es'], fileName: () => 'search.mjs' },
        outDir: folder,
        minify: false,
      },
    });
    const results = { ours: [], peer: [] };
    for (let run = 0; run < runs; run++) {
      for (const what of ['ours', 'peer']) {
        const script = fileURLToPath(import.meta.url);
        const child = spawnSync(process.execPath, ['--expose-gc', script, what, join(folder, 'search.mjs')], {
          cwd: ROOT,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
          maxBuffer: 2 ** 26,
        });
        if (child.status !== 0) throw new Error(`Measuring ${what} ended with code ${child.status}`);
        results[what].push(JSON.parse(child.stdout));
      }
    }
    const middle = (what, key) =>
      quantile(
        results[what].map((each) => each[key]),
        0.5,
      );
    const times = (what, key) => results[what].flatMap((each) => each[key]);
    const told = (what, unit, ours, peer, more = {}) =>
      row({ bench: 'search', what, unit, ours: [ours], peers: { MiniSearch: [peer] }, runs, ...more });
    const answers = (name, key) =>
      told(`${name}, p95`, 'ms', quantile(times('ours', key), 0.95), quantile(times('peer', key), 0.95), {
        goal: 'P13',
        p50: quantile(times('ours', key), 0.5),
        'MiniSearch p50': quantile(times('peer', key), 0.5),
        'processor p95': quantile(times('ours', `${key}Busy`), 0.95),
      });
    return [
      answers('a word being typed', 'begun'),
      answers('two words', 'words'),
      told('memory', 'MiB', middle('ours', 'memoryMb'), middle('peer', 'memoryMb')),
      told('building', 'ms', middle('ours', 'buildMs'), middle('peer', 'buildMs'), {
        'longest step ms': middle('ours', 'longest'),
        objects: OBJECTS,
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(await measure(process.argv[2], process.argv[3])));
