import { expect, it } from 'vitest';
import { version } from '../../package.json';
import { VERSION } from '../../workers/version';

it('shows the version of package.json', () => {
  expect(VERSION).toBe(version);
});
