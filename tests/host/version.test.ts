import { expect, it } from 'vitest';
import { version } from '../../package.json';
import { VERSION } from '../../src/base/version';

it('shows the version of package.json', () => {
  expect(VERSION).toBe(version);
});
