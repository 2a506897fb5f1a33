/**
 * STUN on a UDP port: the socket and the rates. What is answered, and how, is in `stun.ts`.
 *
 * Rule kept here: [SN3] an address gets 5 answers a second, 20 at once (an IPv6 network of /64 as one), and all together 2,000: a
 * flood in the name of others sends them no more than that. What is over is dropped and counted.
 */
import { createSocket, type Socket } from 'node:dgram';
import { TokenBucket, TokenBuckets } from '../src/base/bucket';
import { networkOf } from './address';
import { answerTo } from './stun';

const PER_ADDRESS = { rate: 5, burst: 20 } as const;
const OVERALL = { rate: 2_000, burst: 4_000 } as const;
const MAX_ADDRESSES = 20_000;

export type Stun = {
  readonly port: number;
  stats(): { answered: number; ignored: number; overRate: number };
  close(): Promise<void>;
};

const bound = (type: 'udp4' | 'udp6', port: number, address: string | undefined): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = createSocket(type);
    socket.once('error', reject);
    socket.bind({ port, exclusive: true, ...(address === undefined ? {} : { address }) }, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });

/** All addresses, of both kinds where the machine has both; or the one given. */
const bind = (port: number, address: string | undefined): Promise<Socket> => {
  if (address !== undefined) return bound(address.includes(':') ? 'udp6' : 'udp4', port, address);
  return bound('udp6', port, undefined).catch((fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EAFNOSUPPORT' && fault.code !== 'EADDRNOTAVAIL' && fault.code !== 'EINVAL') throw fault;
    return bound('udp4', port, undefined);
  });
};

/** Rejects with Node's own error where the port cannot be had. */
export const openStun = async (port: number, address: string | undefined, now = Date.now): Promise<Stun> => {
  const socket = await bind(port, address);
  const stats = { answered: 0, ignored: 0, overRate: 0 };
  const byAddress = new TokenBuckets(PER_ADDRESS.rate, PER_ADDRESS.burst, MAX_ADDRESSES);
  const overall = new TokenBucket(OVERALL.rate, OVERALL.burst, now());
  socket.on('message', (datagram, from) => {
    const answer = answerTo(datagram, from);
    if (!answer) stats.ignored++;
    else if (!byAddress.take(networkOf(from.address), now()) || !overall.take(now())) stats.overRate++;
    else {
      stats.answered++;
      // Who cannot be reached any more needs no answer.
      socket.send(answer, from.port, from.address, () => undefined);
    }
  });
  socket.on('error', () => undefined);
  return {
    port: socket.address().port,
    stats: () => ({ ...stats }),
    close: () => new Promise((closed) => socket.close(() => closed())),
  };
};
