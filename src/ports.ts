/**
 * Ports: all that a kernel knows of the world. A host (worker, beacon, simulator) builds one adapter for each
 * and hands them over; adapters live in `platform/`. Nothing here has behaviour.
 */
import type { Brand } from './base/brand';
import type { Result } from './base/result';

/** Wall time in whole milliseconds since 1970, and timers. Hostile: it may jump, stand, or be hours off. */
export type Clock = {
  now(): number;
  /** Runs once after about `ms`; gives the function that cancels it. */
  after(ms: number, run: () => void): () => void;
};

/** Unpredictable bytes, for keys, ids and nonces. */
export type Random = { bytes(length: number): Uint8Array<ArrayBuffer> };

// --- Crypto ------------------------------------------------------------------------------------------------

/** A private key that stays inside the adapter. */
export type KeyHandle = Brand<object, 'KeyHandle'>;
export type KeyPair = { readonly publicKey: Uint8Array<ArrayBuffer>; readonly handle: KeyHandle };

/** A SEA pair (P-256): `pub`/`epub` are "x.y" in base64url, `priv`/`epriv` the scalars. Opens in a stock gun client. */
export type RootPair = { readonly pub: string; readonly priv: string; readonly epub: string; readonly epriv: string };

/** Asynchronous primitives, all of WebCrypto. Never throws on hostile input: a bad key or tag is `false` or `undefined`. */
export type Crypto = {
  /** Ed25519 from a 32-byte seed. */
  signingKey(seed: Uint8Array): Promise<KeyPair>;
  /** 64 bytes. */
  sign(key: KeyHandle, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** X25519 from a 32-byte seed. */
  agreementKey(seed: Uint8Array): Promise<KeyPair>;
  /** 32 bytes shared with the owner of `theirPublicKey`; `undefined` for a point that agrees with everybody. */
  agree(key: KeyHandle, theirPublicKey: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** AES-256-GCM: 12-byte nonce, tag of 16 bytes at the end. */
  seal(
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    associated: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer>>;
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    associated: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** SHA-256, away from the caller's thread where the platform can. */
  digest(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  rootPair(): Promise<RootPair>;
  /** ECDSA P-256 with SHA-256, 64 bytes (r ‖ s). */
  signAsRoot(pair: RootPair, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  verifyRoot(pub: string, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** PBKDF2-SHA-256, 32 bytes. */
  stretch(passphrase: string, salt: Uint8Array, iterations: number): Promise<Uint8Array<ArrayBuffer>>;
};

/**
 * Small secrets of this profile (device seed, root pair, epoch keys, invite secrets), wrapped by a key that the
 * browser does not hand out, or in files of mode 0600. `put` is durable when it resolves.
 */
export type Vault = {
  get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(name: string, secret: Uint8Array): Promise<void>;
  list(prefix: string): Promise<readonly string[]>;
  remove(name: string): Promise<void>;
};

// --- Storage -----------------------------------------------------------------------------------------------

export const TABLES = ['journal', 'space', 'local', 'blob', 'outbox'] as const;
export type Table = (typeof TABLES)[number];
export type Put = { readonly table: Table; readonly key: string; readonly value: Uint8Array };
export type Delete = { readonly table: Table; readonly key: string; readonly value?: undefined };
export type Write = Put | Delete;
/** `strict`: on the disk when it resolves. `relaxed`: in order, but a crash may take the last ones. */
export type Durability = 'strict' | 'relaxed';
/**
 * `full`: the quota is reached; `fenced`: another holder of this profile took over; `failed`: the medium refused.
 * In each case none of the batch was written.
 */
export type StorageError = { readonly type: 'full' | 'fenced' | 'failed'; readonly message: string };

/** Ordered tables of bytes. Keys are ASCII, at most 400 characters, ordered by code unit. A batch is all or nothing. */
export type Storage = {
  write(writes: readonly Write[], durability: Durability): Promise<Result<void, StorageError>>;
  read(table: Table, key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Rows whose key begins with `prefix` and is above `after`, in key order, at most `limit`. */
  list(
    table: Table,
    prefix: string,
    after?: string,
    limit?: number,
  ): Promise<readonly { key: string; value: Uint8Array<ArrayBuffer> }[]>;
  /** The keys that `list` would give, without reading a value. */
  keys(table: Table, prefix: string): Promise<readonly string[]>;
  /** Bytes used, and allowed where the medium says so. `kept`: it promised not to clear what it keeps by itself. */
  usage(): Promise<{ used: number; quota?: number; kept?: boolean }>;
  close(): Promise<void>;
};

/**
 * Whole byte arrays by name, for what can be made anew: an image may be gone at any time. Names are of a-z, 0-9 and `-`, at most 100
 * characters. One call at a time.
 */
export type Images = {
  /** `undefined`: there is none, or it cannot be read. */
  load(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** All or nothing: a crash leaves the former one, this one, or none. */
  save(name: string, bytes: Uint8Array): Promise<Result<void, StorageError>>;
  /** Gone when it resolves well, also where there was none. */
  remove(name: string): Promise<Result<void, StorageError>>;
  list(): Promise<readonly string[]>;
};

// --- Transport ---------------------------------------------------------------------------------------------

/** A way for whole binary messages to one other node, or for text to a signaling server. Ordered, reliable, may close. */
export type Channel<Message> = {
  send(message: Message): void;
  /** Bytes accepted by `send` and not yet on the wire. */
  buffered(): number;
  close(): void;
};
export type ChannelEvents<Message> = {
  /** `binding` commits to this very connection on both ends (both SDP texts); empty where the medium has none. */
  opened(binding: Uint8Array): void;
  received(message: Message): void;
  /** `buffered` fell below the low mark: 64 KiB. */
  drained(): void;
  /** Exactly once, also when it never opened. */
  closed(reason: string): void;
};

/** One WebRTC connection under perfect negotiation; the texts of `signal` are carried by whoever can reach the other side. */
export type PeerChannel = Channel<Uint8Array> & { signal(message: string): void };
export type PeerEvents = ChannelEvents<Uint8Array> & {
  signal(message: string): void;
  /** After `opened`, as soon as it is known, and whenever it is another one. */
  routed(route: Route): void;
  /** All that there is to say of this side's addresses was said; also when some could not be found. */
  gathered?(): void;
};
/** Of STUN, or of TURN with a credential. */
export type IceServer = { readonly urls: readonly string[]; readonly username?: string; readonly credential?: string };
/**
 * How a direct connection runs. `host`: between addresses that nobody on the way replaced, as far as this side sees; `nat`: through a
 * NAT; `turn`: over a TURN server.
 */
export type Route = 'host' | 'nat' | 'turn';

export type Transport = {
  /** A WebSocket to a beacon's `/link`. */
  dialLink(url: string, events: ChannelEvents<Uint8Array>): Channel<Uint8Array>;
  /** A WebSocket to a signaling server. */
  dialSignaling(url: string, events: ChannelEvents<string>): Channel<string>;
  /**
   * Absent where there is no WebRTC. `polite` yields when both sides offer at once; the impolite side begins. `patienceMs`: how long
   * it may take to open, where people carry the texts.
   */
  createPeer?(polite: boolean, events: PeerEvents, patienceMs?: number): PeerChannel;
  /** For direct connections from now on; those that are not open yet try again with them. Absent as `createPeer` is. */
  setIceServers?(servers: readonly IceServer[]): void;
  /** Beacons: called for each incoming link. `network`: where it comes from; whoever has many addresses has them in one. */
  listen?(accept: (channel: Channel<Uint8Array>, network: string) => ChannelEvents<Uint8Array>): () => void;
};

// --- Graph -------------------------------------------------------------------------------------------------

/** What the graph module asks back; addresses are of its memory. */
export type GraphHost = {
  /** 1 where the JSON text there is what `JSON.stringify` would write. */
  canonical(at: number, length: number): number;
  /** 0 author, 1 members, 2 admins: who may set a field (0, type, key), delete (1, type), link (2, relation). */
  rule(what: number, a: number, b: number): number;
};
/** The graph engine in WebAssembly. The host compiles it once; every space has an instance with a memory of its own. */
export type GraphModule = {
  /** Names the build: an image is read by the build that made it. */
  readonly id: string;
  /** 64 random bits, so that nobody outside can choose which ids collide in its tables. */
  seed(): bigint;
  instantiate(host: GraphHost): { readonly memory: { readonly buffer: ArrayBuffer }; readonly calls: object };
};

// --- Compute -----------------------------------------------------------------------------------------------

/**
 * `width` numbers a row, row after row. `width` is a multiple of 4, 4 to 4,096; at most 2^28 numbers in all. Not to be changed
 * once handed over: an adapter keeps what it made of the last one it saw, so that asking again copies nothing.
 */
export type Vectors = { readonly width: number; readonly rows: Float32Array<ArrayBuffer> };
/** The best first; of equal scores the lower row first. */
export type Nearest = { readonly rows: Uint32Array<ArrayBuffer>; readonly scores: Float32Array<ArrayBuffer> };
/**
 * A directed graph: from node i to `targets[offsets[i]]` up to before `targets[offsets[i + 1]]`. One offset more than there are
 * nodes, the first 0, the last the number of targets, never falling. At most 2^22 nodes and 2^24 edges.
 */
export type SparseGraph = {
  readonly offsets: Uint32Array<ArrayBuffer>;
  readonly targets: Uint32Array<ArrayBuffer>;
};
/**
 * One step moves every node at once by the sum of: from each other node `repulsion * d / (|d|^2 + s)`; to each neighbour, both ways
 * of an edge, `attraction * d * (1 - length / sqrt(|d|^2 + s))`; to the origin `gravity * p`. `d` is the distance as a
 * vector, `s` is `(length / 10)^2`. No node moves farther than `limit`. Nodes at one point do not part: begin with them apart.
 */
export type ForceRules = {
  /** 1 to 256; `nodes^2 * steps` at most 2^30. */
  readonly steps: number;
  readonly repulsion: number;
  readonly attraction: number;
  /** Of an edge at rest, above 0; in units of the positions. */
  readonly length: number;
  readonly gravity: number;
  /** The longest move in one step, above 0. */
  readonly limit: number;
};
/** `malformed`: not the shape above; `too-large`: above a bound; `failed`: the machine refused, the same may succeed later. */
export type ComputeError = { readonly type: 'malformed' | 'too-large' | 'failed'; readonly message: string };

/**
 * Numbers over many rows or edges. Adapters agree: the same rows and levels; scores to 1e-6; importance to 1e-6 of each value;
 * positions, over a few steps, to 1e-4 of the largest coordinate. An adapter may keep its thread for seconds at the bounds.
 */
export type Compute = {
  /** The `k` rows (1 to 1,000, or all there are) with the largest dot product with `query`. A row whose product is not finite is none. */
  topK(vectors: Vectors, query: Float32Array, k: number): Promise<Result<Nearest, ComputeError>>;
  /** By node: how many edges away from the nearest of `from`, at most `depth` (0 to 65,535); -1 beyond. */
  reach(graph: SparseGraph, from: Uint32Array, depth: number): Promise<Result<Int32Array<ArrayBuffer>, ComputeError>>;
  /**
   * By node: where a walk is that follows edges with probability `damping` (0 to below 1) and else begins anywhere; what leads
   * nowhere leads everywhere. All together 1. `rounds` 1 to 256; `(nodes + edges) * rounds` at most 2^30.
   */
  importance(
    graph: SparseGraph,
    rules: { readonly damping: number; readonly rounds: number },
  ): Promise<Result<Float32Array<ArrayBuffer>, ComputeError>>;
  /** Positions are x and y by node. Gives new ones. */
  forces(
    graph: SparseGraph,
    positions: Float32Array<ArrayBuffer>,
    rules: ForceRules,
  ): Promise<Result<Float32Array<ArrayBuffer>, ComputeError>>;
};

// --- The rest ----------------------------------------------------------------------------------------------

/** Structured events for operators and tests; never content, never keys. */
export type Log = (event: string, details?: Readonly<Record<string, unknown>>) => void;

/** Raw deflate. Both give `undefined` where more than `limit` bytes would come of it; `inflate` also for what is no such stream. */
export type Deflate = {
  deflate(bytes: Uint8Array, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  inflate(bytes: Uint8Array, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
};

export type Ports = {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly vault: Vault;
  readonly storage: Storage;
  /** Absent where there is no place for them, and in a beacon: then every start folds the whole journal. */
  readonly images?: Images;
  readonly transport: Transport;
  /** Absent in a beacon, which can read nothing to reckon with. */
  readonly compute?: Compute;
  /** Absent in a beacon, and where the platform has none: snapshots are put away as they are, and deflated ones not opened. */
  readonly deflate?: Deflate | undefined;
  readonly graph: GraphModule;
  readonly log: Log;
};
