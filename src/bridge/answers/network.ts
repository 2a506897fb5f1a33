/** Answers about links, beacons and where work lies. */
import type { ObjectName, Person, Role, SpaceKind } from './words';

/**
 * Which way a node is reached. `direct`: WebRTC between addresses that nobody replaced on the way, as far as was seen; `nat`: WebRTC
 * through a NAT; `turn`: WebRTC over a TURN server; `beaconRtc`: WebRTC to a beacon; `beacon`: a WebSocket to a beacon;
 * `circuit`: sealed, through a neighbour of both that carries it; `relayed`: no link, heard through a neighbour of both.
 */
export type NetworkPath = 'direct' | 'nat' | 'turn' | 'beaconRtc' | 'beacon' | 'circuit' | 'relayed';

/** `os.peers`: rows */
export type PeerRow = {
  readonly id: string;
  readonly deviceId: string;
  readonly name: string;
  readonly kind: 'tab' | 'beacon';
  readonly path: NetworkPath;
  /** Of `circuit` and `relayed`: the device of the neighbour, while it is linked. */
  readonly via?: string;
  readonly rttMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
};

/**
 * `os.pairing`: how connecting without a server goes. `gathering`: this device looks for its addresses; `offered`: `text` is for the
 * other device, whose answer is awaited; `answered`: `text` is for the first device; `connecting`: both know of each other.
 */
export type PairingAnswer = {
  readonly step: 'none' | 'gathering' | 'offered' | 'answered' | 'connecting' | 'linked' | 'failed';
  readonly spaceId?: string;
  readonly text?: string;
  readonly endsAt?: number;
  /** The other one, once it is known. */
  readonly deviceId?: string;
  /** `unreachable`: the two did not reach each other, as with a firewall between them. */
  readonly reason?: 'late' | 'unreachable';
};

/** Bytes of frames, with their headers, that went over links. */
export type BytesMoved = { readonly sent: number; readonly received: number };

/** `os.network`: what of it is measured, since this node started. Devices: linked now, heard through another one, or linked before. */
export type NetworkAnswer = BytesMoved & {
  readonly online: boolean;
  /** By this device's clock. */
  readonly since: number;
  readonly peers: readonly NetworkPeer[];
  readonly beacons: readonly (ServerState & { readonly deviceId: string; readonly name: string })[];
  readonly signaling: readonly ServerState[];
  /** What this device carries between others, who cannot connect: circuits now, bytes since the start. */
  readonly carried: { readonly circuits: number; readonly bytes: number };
};
export type NetworkPeer = BytesMoved & {
  readonly id: string;
  readonly deviceId: string;
  /** Whose device it is, where that is known. */
  readonly userId?: string;
  readonly kind: 'tab' | 'beacon';
  /** Of the person, or of the beacon. */
  readonly name: string;
  /** What the person calls it, of one's own devices; empty for others. */
  readonly device: string;
  readonly yours: boolean;
  /** null: not in reach now. */
  readonly path: NetworkPath | null;
  /** As in `os.peers`. */
  readonly via?: string;
  /** null while nothing was measured. */
  readonly rttMs: number | null;
  /** By this device's clock; null without a link. */
  readonly linkedAt: number | null;
  /** What came from it and was turned away, with the reason that counters have for it, and what that comes to. */
  readonly turnedAway: readonly {
    readonly reason: string;
    readonly kind: 'between' | 'unreadable' | 'forged' | 'notAllowed' | 'tooMuch' | 'other';
    readonly times: number;
  }[];
  /** The rest is what links need for themselves. */
  readonly spaces: readonly (BytesMoved & { readonly spaceId: string; readonly title: string })[];
};
/**
 * What frames are for. `introductions`: how nodes find and let in each other; `comparing`: how two find out what they lack; `link`: what
 * links need for themselves.
 */
export type TrafficKind = 'changes' | 'files' | 'receipts' | 'presence' | 'introductions' | 'comparing' | 'link';
export type Conveyed = { readonly messages: number; readonly bytes: number };
/** `os.traffic`: of all links since this node started, in memory only. */
export type TrafficAnswer = {
  /** How long a slot is; those in which nothing moved are left out, and the last one goes on. Times by this device's clock. */
  readonly slotMs: number;
  readonly slots: readonly (BytesMoved & { readonly at: number })[];
  readonly kinds: readonly { readonly kind: TrafficKind; readonly sent: Conveyed; readonly received: Conveyed }[];
  /** What left to whom, without `comparing` and `link`; the last one served first. */
  readonly recipients: readonly {
    readonly deviceId: string;
    readonly kinds: readonly (Conveyed & { readonly kind: TrafficKind })[];
  }[];
  /** The last ones, the newest first. */
  readonly sends: readonly Departure[];
};
/** Sends of one kind to one device of one space, a few seconds apart at most. */
export type Departure = Conveyed & {
  readonly id: string;
  readonly at: number;
  readonly deviceId: string;
  /** Absent: of no space. */
  readonly spaceId?: string;
  readonly title?: string;
  readonly kind: TrafficKind;
};
/** `os.neighbours`: large spaces, rows */
export type NeighbourhoodRow = {
  readonly id: string;
  readonly spaceId: string;
  readonly title: string;
  /** Others who are there, as far as this node heard. */
  readonly known: number;
  readonly neighbours: readonly {
    readonly deviceId: string;
    /** `entries`: they are pushed; `announcements`: it is told that there are some. */
    readonly gets: 'entries' | 'announcements';
  }[];
};
/** A server that this device dials. `off`: not dialled, because one works offline, or all links go over beacons. */
export type ServerState = {
  readonly url: string;
  readonly state: 'open' | 'dialling' | 'waiting' | 'off';
  /** Tries in a row that came to nothing. */
  readonly failures: number;
  /** While it waits: when it is tried again, by this device's clock. */
  readonly retryAt: number | null;
};

/**
 * Why a beacon does not keep a space. `needsCode`: it asks for its join code; `wrongCode`: it was given another one; `notListed`: its
 * operator lists whom it serves; `full`: it takes no more; `badRights`: what it was shown does not name it.
 */
export type HostRefusal = 'needsCode' | 'wrongCode' | 'notListed' | 'full' | 'badRights';

/** `os.beacons`: the page's own beacon and those asked to keep spaces, rows */
export type BeaconRow = {
  readonly id: string;
  readonly deviceId: string;
  readonly name: string;
  /** The page came from it. */
  readonly own: boolean;
  readonly linked: boolean;
  /** The join code that this person gave for it; empty when none. */
  readonly joinCode: string;
  readonly state: 'waiting' | 'accepted' | HostRefusal;
  /** How many spaces it does not keep. */
  readonly refused: number;
};

/** `os.sync` {spaceId}: what the chip shows, from receipts only. */
export type SyncAnswer = {
  readonly online: boolean;
  /** Each holder of the space that has ever given a receipt or is linked now. `behind`: own changes and files it does not hold yet. */
  readonly holders: readonly {
    readonly deviceId: string;
    /** As in `os.network`. */
    readonly userId?: string;
    readonly name: string;
    readonly kind: 'tab' | 'beacon';
    readonly linked: boolean;
    readonly behind: number;
    readonly receiptAt: number | null;
    /** Why the beacon does not keep the space; absent when it does, or has not answered. */
    readonly refused?: HostRefusal;
  }[];
  /** Own changes, and files, that no beacon (where the space has one) or other device holds yet. */
  readonly waiting: number;
  /** Of those, files and what else does not fit into a change. */
  readonly files: number;
  /** Every own change and file is held by a beacon, or by two other devices. */
  readonly safe: boolean;
  /**
   * What is shown comes from a state that others signed; changes of its history that are here, of how many. Absent where what is
   * shown comes from the history.
   */
  readonly history?: { readonly here: number; readonly total: number };
  /** The number of nodes in reach (this one included) when a known beacon of the space is out of reach. */
  readonly island: number | null;
  /** This device's clock against the network's, in milliseconds; null while unknown. */
  readonly clockOffsetMs: number | null;
  /** Set when nothing can be written any more, with the reason. */
  readonly readOnly: string | null;
  /**
   * The storage is full: what was not saved yet waits in memory and is written when there is room. Bytes of all this site keeps and
   * may keep, null while unknown; of each space about, the largest first.
   */
  readonly noRoom?: {
    readonly used: number | null;
    readonly quota: number | null;
    readonly spaces: readonly { readonly spaceId: string; readonly bytes: number }[];
  };
  /** What is written is kept here until the space has a new key. */
  readonly waitsForKey?: true;
};

/** From signed receipts: red where too few others have all of it, green where as many as are aimed at. */
export type HealthLevel = 'red' | 'yellow' | 'green';
/** `os.health`: how well spaces are kept, rows. Copies elsewhere: on beacons, in browsers that keep what they have, in others. */
export type HealthRow = {
  readonly id: string;
  /** null: not known yet. */
  readonly level: HealthLevel | null;
  readonly beacons: number;
  readonly kept: number;
  readonly others: number;
  /** This device's own copy: the browser keeps it, may clear it, or some of it is not here. */
  readonly here: 'kept' | 'mayGo' | 'partly';
  /** So many copies there are to be, this one among them; a browser that may clear what it has is a quarter of one. */
  readonly aim: number;
  /** Devices that did not show what they stated to hold; they count for nothing until they do. */
  readonly doubted: readonly string[];
  /** Changes of this device since it started that nobody else has. */
  readonly unsaved: number;
};
/** `os.durability`: how many hold an object. */
export type DurabilityAnswer = {
  readonly beacons: number;
  readonly devices: number;
  readonly safe: boolean;
  readonly level: HealthLevel;
};

/** `os.apart`: times by the network's clock. `since`: nobody of the space is in reach since then; null while somebody is. */
export type ApartAnswer = { readonly since: number | null; readonly merge: MergeAnswer | null };
/** What others had done while this device was apart from them; those who did most, and where most was done, first. */
export type MergeAnswer = {
  readonly since: number;
  readonly until: number;
  readonly changes: number;
  readonly people: readonly { readonly person: Person; readonly changes: number }[];
  readonly places: readonly { readonly place: ObjectName; readonly changes: number }[];
  /** Of the changes, those of titles, order and names. */
  readonly outline: number;
  readonly conflicts: readonly MergeConflict[];
  /** Beyond those that are told. */
  readonly moreConflicts: number;
  /** Changes that are held: an Admin may take them over. */
  readonly held: number;
};
/** Two said different things of one object while apart: what does not hold, and whose it was. It can be brought back from the history. */
export type MergeConflict = {
  readonly kind: 'field' | 'move';
  /** The name of the field. */
  readonly key: string;
  readonly object: ObjectName;
  readonly place: ObjectName;
  readonly by: Person;
};

/** `os.shelf`: what this device keeps; bytes. `budget`: at most so many, null for everything. `over`: nothing more may go. */
export type ShelfAnswer = {
  readonly budget: number | null;
  readonly used: number;
  /** Bytes of images of the spaces, beside that: they are made anew where they are gone, and no budget counts them. */
  readonly images: number;
  readonly over: boolean;
  /** Text that lies with others alone, and of how many documents. */
  readonly away: { readonly bytes: number; readonly objects: number };
  /** Single changes of texts that are here, which lie with others: what that saves, and of how many documents. */
  readonly compacted: { readonly bytes: number; readonly objects: number };
};

/** `os.storage`: what each space takes on this device, the largest first; bytes, those of the history about. */
export type StorageAnswer = {
  readonly spaces: readonly SpaceStorageRow[];
  /** Lists for the search, of all spaces; in memory alone. */
  readonly search: number;
};
export type SpaceStorageRow = {
  readonly id: string;
  readonly title: string;
  readonly kind: SpaceKind;
  readonly role: Role | 'none';
  /** The person's own space. */
  readonly personal: boolean;
  readonly journal: number;
  readonly files: number;
  /** Made anew where they are gone. */
  readonly images: number;
  /** Changes made on this device that nobody else ever stated to hold. */
  readonly onlyHere: { readonly changes: number; readonly bytes: number };
  /** It is to be removed from this device, and waits until others know that the person left. */
  readonly leaving: boolean;
};

/** `os.content` {id}: whether the text of a document, and all changes of it, are on this device; null for anything else. */
export type ContentAnswer = {
  readonly here: boolean;
  /** Else earlier states are fetched from others. */
  readonly changes: boolean;
  readonly pinned: boolean;
  readonly bytes: number;
  /** Changes that came of those that were away. */
  readonly got: number;
  readonly total: number;
  /** Who is asked for it now. */
  readonly from: { readonly userId?: string; readonly name: string } | null;
  /** Who stated to hold it. `silent`: they were asked, and did not send it. */
  readonly holders: readonly {
    readonly deviceId: string;
    /** As in `os.network`. */
    readonly userId?: string;
    readonly name: string;
    readonly kind: 'tab' | 'beacon';
    readonly linked: boolean;
    readonly silent: boolean;
  }[];
};
