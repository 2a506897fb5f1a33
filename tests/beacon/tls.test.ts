import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fingerprintOf, tlsFromFiles, tlsFromOwnAuthority } from '../../beacon/tls';
import { memoryVault } from '../../src/platform/memory/vault';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 0, 15);

describe('the authority of this machine', () => {
  test('[TL2] it signs a certificate for localhost and for every name and address given', async () => {
    const tls = await tlsFromOwnAuthority(
      memoryVault(),
      () => ['192.168.1.5', 'notes.example', 'fd00::2'],
      () => NOW,
    );
    const authority = new X509Certificate(tls.authority ?? '');
    const { certificate } = await tls.current();
    const leaf = new X509Certificate(certificate);
    expect(authority.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(authority)).toBe(true);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    for (const name of ['localhost', 'notes.example']) expect(leaf.checkHost(name)).toBe(name);
    for (const address of ['127.0.0.1', '::1', '192.168.1.5', 'fd00::2']) expect(leaf.checkIP(address)).toBe(address);
    expect(leaf.checkHost('bank.example')).toBeUndefined();
    expect(fingerprintOf(tls.authority ?? '')).toBe(authority.fingerprint256);
  });

  test('[TL2] both are kept; the certificate is renewed before its end and for a new address, the authority stays', async () => {
    const vault = memoryVault();
    let names = ['10.0.0.1'];
    let now = NOW;
    const open = () =>
      tlsFromOwnAuthority(
        vault,
        () => names,
        () => now,
      );
    const first = await open();
    const { certificate } = await first.current();
    now += 300 * DAY;
    const second = await open();
    expect((await second.current()).certificate).toBe(certificate);
    expect(second.authority).toBe(first.authority);
    now += 40 * DAY;
    const renewed = (await second.current()).certificate;
    expect(renewed).not.toBe(certificate);
    expect(Date.parse(new X509Certificate(renewed).validTo)).toBeGreaterThan(now + 300 * DAY);
    names = ['10.0.0.2'];
    const moved = (await second.current()).certificate;
    expect(new X509Certificate(moved).checkIP('10.0.0.2')).toBe('10.0.0.2');
    expect((await open()).authority).toBe(first.authority);
  });

  test('a certificate lives at most 398 days, which phones insist on', async () => {
    const tls = await tlsFromOwnAuthority(
      memoryVault(),
      () => [],
      () => NOW,
    );
    const leaf = new X509Certificate((await tls.current()).certificate);
    expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBeLessThanOrEqual(398 * DAY);
  });

  test('a certificate file that is missing is one sentence that names the variable', async () => {
    await expect(tlsFromFiles('/nowhere/cert.pem', '/nowhere/key.pem').current()).rejects.toThrow(
      /file of LGOS_TLS_(CERT|KEY)/,
    );
  });
});
