/**
 * Many browsers in one space, from two beacons: all write, while at random pages close, freeze, go offline and come back, and
 * beacons are killed and start again. In the end everybody is there, and what was said to be written has to be with all of them.
 *
 * Chance is seeded: the same seed gives the same acts in the same order; when each ends is the machine's affair.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ensureChromium, FLAGS } from '../support/chromium.mjs';
import { ready, startBeacon } from './hosts.mjs';

/** How long one act may take on a machine with much to do, and how long all may take to agree. */
const ACT_MS = 60_000;
const AGREE_MS = 240_000;
const SAMPLE_MS = 5_000;
/** The acts of one round; each round has them in another order. */
const CARDS = [
  'closed',
  'frozen',
  'offline',
  'killed',
  'renamed',
  ...Array(10).fill('said'),
  ...Array(9).fill('typed'),
];

/** mulberry32. */
const seeded = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const within = async (promise, ms, what) => {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what} took more than ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** In each page: how many connections of WebRTC are not closed. */
const countConnections = () => {
  const all = new Set();
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(...args) {
      super(...args);
      all.add(this);
    }
  };
  window.openConnections = () => {
    for (const each of all) if (each.connectionState === 'closed') all.delete(each);
    return all.size;
  };
};

class Member {
  state = 'closed';
  faults = [];
  page = undefined;

  constructor(name, context, beacon) {
    Object.assign(this, { name, context, beacon });
  }
  /** The page may have been the last of its kind to come from a beacon that is down: then it waits for the beacon. */
  async open() {
    const page = await this.context.newPage();
    page.on('pageerror', (fault) => this.faults.push(`${this.name}: ${fault}`));
    await page.goto(this.beacon.url, { timeout: ACT_MS });
    await ready(page);
    this.page = page;
    this.state = 'here';
  }
  call(run, argument) {
    return within(this.page.evaluate(run, argument), ACT_MS, `an act of ${this.name}`);
  }
  async leave(how) {
    this.state = how;
    if (how === 'closed') await this.page.close();
    if (how === 'frozen') {
      this.devtools = await this.context.newCDPSession(this.page);
      await this.devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    }
    if (how === 'offline') {
      await this.call(() => lgos.setOnline(false));
      await this.context.setOffline(true);
    }
  }
  async comeBack() {
    if (this.state === 'closed') return this.open();
    if (this.state === 'frozen') {
      await this.devtools.send('Page.setWebLifecycleState', { state: 'active' });
      await this.devtools.detach();
    }
    if (this.state === 'offline') {
      await this.context.setOffline(false);
      await this.call(() => lgos.setOnline(true));
    }
    this.state = 'here';
  }
  /** What must stay within limits. */
  sample() {
    return this.call(async () => {
      const { links, waiting, entriesHeld } = await lgos.stats();
      const peers = await lgos.peers();
      return {
        links,
        waiting,
        entries: entriesHeld,
        connections: window.openConnections(),
        heap: performance.memory.usedJSHeapSize,
        direct: peers.filter(({ path }) => path === 'direct').length,
      };
    });
  }
}

class Host {
  constructor(folder) {
    this.folder = folder;
  }
  async start() {
    this.process = await startBeacon(this.folder, this.url ? Number(new URL(this.url).port) : 0);
    this.url = this.process.url;
    this.isUp = true;
  }
  async kill() {
    this.isUp = false;
    await this.process.kill();
  }
}

/** Members of one space, half of them at each beacon, so that both keep it. */
const gather = async (browser, hosts, pages) => {
  const members = [];
  for (let i = 0; i < pages; i++) {
    const context = await browser.newContext({ viewport: { width: 800, height: 600 }, locale: 'en-GB' });
    await context.addInitScript(countConnections);
    const member = new Member(`Member ${i + 1}`, context, hosts[i % hosts.length]);
    members.push(member);
    await member.open();
    await member.call((name) => lgos.setName(name), member.name);
  }
  const made = await members[0].call(async (uses) => {
    const { id: space } = await lgos.createSpace({ title: 'Fleet', kind: 'team' });
    const { id: channel } = await lgos.run('chat.createChannel', { spaceId: space, title: 'deck' });
    const { id: document } = await lgos.run('editor.createDocument', { spaceId: space, title: 'Log' });
    // An Admin at the other beacon asks it to keep the space too.
    const link = async (role) => (await lgos.invite(space, { role, uses })).url;
    return { space, channel, document, links: [await link('admin'), await link('member')] };
  }, pages);
  for (const [i, member] of members.slice(1).entries())
    await member.call(
      ([link, timeoutMs]) =>
        lgos.join(link, { timeoutMs }).catch((refusal) => Promise.reject(new Error(JSON.stringify(refusal)))),
      [made.links[i < hosts.length ? 0 : 1], ACT_MS],
    );
  return { members, ...made };
};

/**
 * `pages` browser contexts, `beacons` processes, for so many `minutes`, or one round; who goes away is back after `away`, from and to, ms.
 * `told` hears of each sample. Gives what was done, the
 * most that was seen of each figure, how long all took to agree at the end, and what was lost (nothing, one hopes).
 */
export const fleet = async ({
  pages = 12,
  beacons = 2,
  minutes = 5,
  away = [3_000, 15_000],
  seed = 1,
  told = (_sample) => {},
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'lgos-fleet-'));
  const hosts = Array.from({ length: beacons }, (_, i) => new Host(join(folder, `beacon-${i}`)));
  const browser = await chromium.launch({
    executablePath: ensureChromium(),
    args: [...FLAGS, '--enable-precise-memory-info'],
  });
  try {
    for (const host of hosts) await host.start();
    const { members, space, channel, document } = await gather(browser, hosts, pages);
    const random = seeded(seed);
    const pick = (list) => list[Math.floor(random() * list.length)];
    const shuffled = () => {
      const left = [...CARDS];
      return CARDS.map(() => left.splice(Math.floor(random() * left.length), 1)[0]);
    };
    const here = () => members.filter(({ state }) => state === 'here');
    const acts = { said: 0, typed: 0, renamed: 0, closed: 0, frozen: 0, offline: 0, killed: 0 };
    const most = { links: 0, connections: 0 };
    const saidTexts = [];
    /** Comings back that are due: `{ at, run }`. */
    let due = [];
    const later = (run) => {
      const [least, longest] = away;
      due.push({ at: Date.now() + least + random() * (longest - least), run });
    };
    const comeBack = async (all = false) => {
      const now = Date.now();
      const ripe = due.filter(({ at }) => all || at <= now);
      due = due.filter((each) => !ripe.includes(each));
      for (const { run } of ripe) await run();
    };

    const say = async (member) => {
      const text = `${member.name} says ${saidTexts.length + 1}`;
      await member.call(([channelId, words]) => lgos.run('chat.send', { channelId, text: words }), [channel, text]);
      saidTexts.push(text);
      acts.said++;
    };
    const type = async (member) => {
      await member.call(([id, words]) => lgos.insertText(id, 0, words), [document, `${acts.typed} `]);
      acts.typed++;
    };
    const rename = async (member) => {
      const title = `deck ${acts.renamed}`;
      await member.call(
        ([channelId, name]) => lgos.run('chat.renameChannel', { channelId, title: name }),
        [channel, title],
      );
      acts.renamed++;
    };
    const leave = async (member, how) => {
      await member.leave(how);
      acts[how]++;
      // Whose page is to be loaded again needs its beacon.
      const back = async () => {
        if (how === 'closed' && !member.beacon.isUp) return later(back);
        await member.comeBack();
      };
      later(back);
    };
    const killBeacon = async () => {
      const host = pick(hosts);
      await host.kill();
      acts.killed++;
      later(() => host.start());
    };

    const ends = Date.now() + minutes * 60_000;
    let sampleAt = 0;
    let deck = shuffled();
    while (Date.now() < ends || deck.length > 0) {
      await comeBack();
      if (deck.length === 0) deck = shuffled();
      const card = deck.pop();
      // Who is offline writes as well.
      const writer = pick(members.filter(({ state }) => state === 'here' || state === 'offline'));
      if (card === 'said') await say(writer);
      else if (card === 'typed') await type(writer);
      else if (card === 'renamed') await rename(writer);
      else if (card === 'killed') {
        if (hosts.every(({ isUp }) => isUp)) await killBeacon();
      } else if (here().length > pages / 2) await leave(pick(here()), card);
      if (Date.now() >= sampleAt) {
        sampleAt = Date.now() + SAMPLE_MS;
        for (const each of here()) {
          const sample = { who: each.name, ...(await each.sample()) };
          for (const [name, value] of Object.entries(sample))
            if (typeof value === 'number') most[name] = Math.max(most[name] ?? 0, value);
          told(sample);
        }
      }
      await wait(100);
    }

    while (due.length > 0) {
      await comeBack(true);
      await wait(100);
    }
    const began = Date.now();
    let hashes;
    do {
      await wait(500);
      hashes = await Promise.all(members.map((each) => each.call((id) => lgos.stateHash(id), space)));
    } while (new Set(hashes).size > 1 && Date.now() - began < AGREE_MS);
    const agreedMs = Date.now() - began;
    // Both beacons say, signed, that they hold everything.
    let kept;
    do {
      kept = await members[0].call((id) => lgos.durability(id), space);
      await wait(500);
    } while (kept.beacons < beacons && Date.now() - began < AGREE_MS);
    const heard = await Promise.all(
      members.map((each) =>
        each.call(async (channelId) => {
          const texts = [];
          for (let before; ; ) {
            const rows = await lgos.query('chat.messages', { channelId, limit: 500, ...(before ? { before } : {}) });
            texts.push(...rows.map(({ text }) => text));
            if (rows.length < 500) return texts;
            before = rows[0].id;
          }
        }, channel),
      ),
    );
    const log = await members[0].call((id) => lgos.documentText(id), document);
    return {
      acts,
      most,
      agreed: new Set(hashes).size === 1,
      agreedMs,
      lost: saidTexts.filter((text) => heard.some((texts) => !texts.includes(text))),
      twice: heard.reduce((sum, texts) => sum + texts.length - new Set(texts).size, 0),
      typedLost: Array.from({ length: acts.typed }, (_, n) => n).filter((n) => !log.split(/\s+/).includes(String(n)))
        .length,
      kept: kept.beacons,
      faults: members.flatMap(({ faults }) => faults),
    };
  } finally {
    await browser.close();
    for (const host of hosts) if (host.isUp) await host.process.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
