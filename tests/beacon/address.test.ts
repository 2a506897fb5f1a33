/** Who counts as one client where limits count by address. */
import { expect, test } from 'vitest';
import { networkOf, perNetwork, widerNetworkOf } from '../../beacon/address';

test('an IPv4 address is one network in any spelling, an IPv6 address is its first half however it is written', () => {
  const same = (...addresses: string[]) => expect(new Set(addresses.map(networkOf)).size, addresses.join()).toBe(1);
  const apart = (...addresses: string[]) => expect(new Set(addresses.map(networkOf)).size).toBe(addresses.length);
  same('192.0.2.1', '::ffff:192.0.2.1', '::FFFF:192.0.2.1');
  // The zeros of a short spelling may stand in the network itself.
  same('2001:db8::5', '2001:db8::6', '2001:db8::ffff:0:0:1', '2001:db8:0:0:1::');
  same('2001:db8:1:2::5', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::');
  apart('192.0.2.1', '192.0.2.2', '2001:db8::5', '2001:db8:0:1::5', '::1', 'unknown', '');
});

test('where shares are fair it is whoever has many addresses that counts: 256 of IPv4, 65,536 networks of IPv6', () => {
  const same = (...addresses: string[]) => expect(new Set(addresses.map(widerNetworkOf)).size).toBe(1);
  const apart = (...addresses: string[]) => expect(new Set(addresses.map(widerNetworkOf)).size).toBe(addresses.length);
  same('192.0.2.1', '192.0.2.200', '::ffff:192.0.2.7');
  same('2001:db8:1:2::5', '2001:db8:1:ffff::');
  apart('192.0.2.1', '192.0.3.1', '2001:db8:1::', '2001:db8:2::', 'unknown');
});

test('one network takes no more places than it has, and gives them back', () => {
  const links = perNetwork(2);
  const first = links.take('2001:db8::1');
  expect([first, links.take('2001:db8::2')].every(Boolean)).toBe(true);
  expect(links.take('2001:db8::3')).toBeUndefined();
  expect(links.take('192.0.2.1')).toBeDefined();
  first?.();
  expect(links.take('2001:db8::3')).toBeDefined();
  expect(links.take('2001:db8::4')).toBeUndefined();
});
