/** Refusals in the person's language. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { speak } from '../../src/view/kit/i18n';
import { translated } from '../../src/view/kit/refusals';
import { refusalsRu } from '../../src/view/locales/refusals.ru';

afterEach(() => speak('en'));
const refusal = {
  type: 'adminsOnly',
  message: 'Only Admins and Owners do this.',
  safe: 'Nothing was changed.',
  next: 'Ask one of them.',
};

test('a refusal is told in the language of the interface, and as it came where no words are known for it', async () => {
  expect(translated(refusal)).toEqual(refusal);
  await speak('ru');
  expect(translated(refusal)).toEqual({
    type: 'adminsOnly',
    message: 'Это делают только администраторы и владельцы.',
    safe: 'Ничего не изменилось.',
    next: 'Попросите кого-нибудь из них.',
  });
  expect(translated({ ...refusal, message: 'toString' }).message).toBe('toString');
});

test('every sentence of the catalogue is one that the program says', () => {
  const root = fileURLToPath(new URL('../../src/', import.meta.url));
  const said = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('locales'))
    .map((path) => readFileSync(root + path, 'utf8'))
    .join('\n');
  expect(Object.keys(refusalsRu).filter((sentence) => !said.includes(`'${sentence}'`))).toEqual([]);
});
