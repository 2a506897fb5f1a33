/**
 * People with real keys who sign what they like, and nodes that must withstand them: a `Space` behind the one door, of a
 * tab or of a blind beacon, without a network. `RawLink` speaks frames to a live kernel after a sound handshake.
 */
import { foundSpace as foundBy, type Hands, newPerson as personBy, Author as Signing } from '../../lab/author';
import { encode } from '../../src/base/codec';
import { apps } from '../../src/domain/index';
import { createContext, type KernelContext } from '../../src/os/kernel/context';
import { SILENT, Space } from '../../src/os/kernel/space';
import { NetworkTime } from '../../src/os/kernel/time';
import { type Identity, loadDevice } from '../../src/os/rights/identity';
import { createRegistry, schemaRules } from '../../src/os/schema/registry';
import { systemClock } from '../../src/platform/clock';
import { webDeflate } from '../../src/platform/deflate';
import { graphModule } from '../../src/platform/engine';
import { memoryStorage } from '../../src/platform/memory/storage';
import { memoryVault } from '../../src/platform/memory/vault';
import { webCrypto, webRandom } from '../../src/platform/webcrypto';
import type { Channel, Clock, Ports, Transport, Vault } from '../../src/ports';
import { creditCodec } from '../../src/vm/net/flow';
import { emptyReassembly, type FrameType, fragment, type Message, reassemble } from '../../src/vm/net/frame';
import {
  type HandshakeState,
  handshakeStart,
  handshakeStep,
  type ReadyLink,
  saltedSpace,
} from '../../src/vm/net/handshake';
import { hlcOf } from '../../src/vm/op/clock';
import { type Entry, encodeEntry } from '../../src/vm/op/entry';
import type { SpaceId } from '../../src/vm/op/ids';
import { rootCodec } from '../../src/vm/sync/messages';
import { tracked } from './resting';

export { bodyOf, makeInvite } from '../../lab/author';

export const crypto = tracked(webCrypto());
export const random = webRandom();

let latest = 0;
const HANDS: Hands = {
  crypto,
  random,
  now: () => Date.now(),
  tick: () => {
    latest = Math.max(Date.now(), latest + 1);
    return hlcOf(latest);
  },
};

export const newPerson = async (vault: Vault = memoryVault(), hands: Hands = HANDS): Promise<Identity> =>
  personBy(vault, hands);

/** What a node signed by its own clock is heard: whoever cites it now is later. */
export const heard = (entry: Entry): void => {
  latest = Math.max(latest, Math.ceil(entry.header.hlc));
};

/** By the hands of insiders. */
export class Author extends Signing {
  constructor(me: Identity, space: SpaceId, hands: Hands = HANDS) {
    super(me, space, hands);
  }
}

export type Held = {
  readonly space: Space;
  readonly context: KernelContext;
  /** What it would have passed on, each time. */
  readonly passedOn: readonly Entry[];
  /** Says of each what became of it. */
  receive(...entries: Entry[]): Promise<readonly string[]>;
};

/** A space held by a tab of `me`, or by a beacon; nothing leaves it. */
export const holdSpace = async (
  id: SpaceId,
  me?: Identity,
  clock: Clock = systemClock(),
  disk: Partial<Pick<Ports, 'vault' | 'storage' | 'images'>> = {},
  /** What an image showed, before the rest of the journal was read. */
  shown: (space: Space) => void = () => {},
): Promise<Held> => {
  const ports: Ports = {
    clock,
    random,
    crypto,
    deflate: tracked(webDeflate()),
    vault: memoryVault(),
    storage: memoryStorage(),
    ...disk,
    transport: {} as Transport,
    graph: graphModule(),
    log: () => {},
  };
  const context = createContext({
    ports,
    kind: me ? 'tab' : 'beacon',
    device: me ?? (await loadDevice(crypto, random, ports.vault)),
    identity: me,
    registry: createRegistry(apps),
    rules: schemaRules(apps),
    time: new NetworkTime(clock),
  });
  const passedOn: Entry[] = [];
  const space = new Space(context, id, {
    ...SILENT,
    spread: (_space, entry) => {
      passedOn.push(entry);
    },
  });
  if (disk.images && (await space.showImage())) shown(space);
  const loaded = await space.load();
  if (!loaded.ok) throw new Error('not loaded');
  return {
    space,
    context,
    passedOn,
    receive: async (...entries) =>
      (await space.receive(entries.map(encodeEntry), undefined)).map((admission) =>
        admission.type === 'refused' ? `refused ${admission.reason}` : admission.type,
      ),
  };
};

export const foundSpace = (owner: Identity, hands: Hands = HANDS) => foundBy(owner, hands);

/** A link to a live kernel with a sound handshake; after that it says whatever it is told to. */
export class RawLink {
  #channel: Channel<Uint8Array>;
  #handshake: HandshakeState | undefined;
  #reassembly = emptyReassembly;
  closed: string | undefined;
  ready: ReadyLink | undefined;
  readonly received: Message[] = [];

  constructor(
    transport: Transport,
    url: string,
    readonly me: Pick<Identity, 'device' | 'key'>,
    readonly options: { shake?: boolean } = {},
  ) {
    this.#channel = transport.dialLink(url, {
      opened: (binding) => {
        if (options.shake === false) return;
        const [state, outputs] = handshakeStart({
          device: me.device,
          kind: 'tab',
          features: [1],
          nonce: random.bytes(32),
          time: Date.now(),
          spaces: [],
          binding,
        });
        this.#handshake = state;
        for (const output of outputs) if (output.type === 'send') this.send(output.frame, output.payload);
      },
      received: (frame) => this.#heard(frame),
      drained: () => {},
      closed: (reason) => {
        this.closed = reason;
      },
    });
  }
  raw(frame: Uint8Array): void {
    this.#channel.send(frame);
  }
  close(): void {
    this.#channel.close();
  }
  send(type: FrameType, payload: Uint8Array, space = 0): void {
    const frames = fragment({ type, traffic: 'live', space, payload });
    if (frames.ok) for (const frame of frames.value) this.raw(frame);
  }
  /** Opens a space on the link under our index 1. */
  root(space: SpaceId, index = 1): void {
    const { nonces } = this.ready as ReadyLink;
    this.send('root', encode(rootCodec, { index, salted: saltedSpace(...nonces, space), digest: new Uint8Array(32) }));
  }
  #heard(frame: Uint8Array): void {
    const [state, result] = reassemble(this.#reassembly, frame, Date.now());
    this.#reassembly = state;
    if (result.type !== 'message') return;
    const { message } = result;
    if (this.received.length < 10_000) this.received.push(message);
    if (message.type === 'hello') this.#step({ type: 'helloReceived', payload: message.payload });
    else if (message.type === 'auth') this.#step({ type: 'authReceived', payload: message.payload });
    else if (this.ready && message.payload.length > 1_000)
      this.send('credit', encode(creditCodec, { live: 0, bulk: 0 }));
  }
  #step(input: Parameters<typeof handshakeStep>[1]): void {
    if (!this.#handshake) return;
    const [state, outputs] = handshakeStep(this.#handshake, input);
    this.#handshake = state;
    for (const output of outputs) {
      if (output.type === 'send') this.send(output.frame, output.payload);
      else if (output.type === 'sign')
        void crypto
          .sign(this.me.key.handle, output.message)
          .then((signature) => this.#step({ type: 'signed', signature }));
      else if (output.type === 'verify') this.#step({ type: 'verified', valid: true });
      else if (output.type === 'ready') this.ready = output.link;
    }
  }
}
