import { expect, test } from 'vitest';
import { faultReport } from '../../src/view/shell/faultReport';

const about = {
  place: 'document',
  version: '0.1.0',
  protocol: '2.0',
  build: 'abc1234',
  browser: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0',
  language: 'ru',
  width: 1440,
  height: 900,
  online: true,
  at: Date.UTC(2026, 10, 21, 18, 42),
};
const told = (error: unknown, components = '') => faultReport({ error, components }, about);
const thrown = (error: Error, stack: string): Error => Object.assign(error, { stack });

test('a report tells version, kind of place, browser and where in the program it was', () => {
  const error = thrown(
    new TypeError("Cannot read properties of undefined (reading 'title')"),
    [
      "TypeError: Cannot read properties of undefined (reading 'title')",
      '    at Row (http://10.0.0.5:4780/assets/index-Ab12.js:10:200)',
      '    at async http://10.0.0.5:4780/assets/index-Ab12.js?v=1:11:2',
      'render@http://10.0.0.5:4780/assets/EditorPage-x_9.js:3:4',
    ].join('\n'),
  );
  const report = told(error, '\n    at Sheet (http://10.0.0.5:4780/assets/EditorPage-x_9.js:7:8)\n    at div');
  expect(report).toContain('LGOS 0.1.0 (abc1234), protocol 2.0');
  expect(report).toContain('fault: TypeError: Cannot read properties of undefined (reading title)');
  expect(report).toContain('in: document');
  expect(report).toContain('at: 2026-11-21T18:00Z, online, ru, 1440x900');
  expect(report).toContain('  Row (index-Ab12.js:10:200)');
  expect(report).toContain('  render (EditorPage-x_9.js:3:4)');
  expect(report).toContain('  Sheet (EditorPage-x_9.js:7:8)');
  expect(report).not.toContain('10.0.0.5');
});

test('no content, name, key, id or address is in a report, however it came into the fault', () => {
  const id = '0123456789abcdef0123456789abcdef';
  const secrets = ['Анна Сорокина', 'Maya', 'salaries', id, 'https://lgos.example/#/join/S3cret'];
  const faults = [
    new Error(`No space called Maya: salaries of ${secrets.join(', ')}`),
    ...secrets.flatMap((secret) => [
      new TypeError(`Invalid value "${secret}" here`),
      new RangeError(`'${secret}' is out of range`),
      Object.assign(new Error(secret), { name: secret === 'Maya' || secret === 'salaries' ? 'Error' : secret }),
      secret,
      { message: secret },
    ]),
    new TypeError(`Failed to fetch dynamically imported module: https://lgos.example/#/join/S3cret`),
    new TypeError(`Cannot read Анна Сорокина of ${id}`),
  ];
  for (const fault of faults) {
    if (fault instanceof Error) fault.stack = `${fault.name}: ${fault.message}\n${secrets.join('\n')}`;
    const report = told(fault, `\n${secrets.join('\n    at ')}`);
    for (const secret of secrets) expect(report).not.toContain(secret);
    expect(report).not.toContain('S3cret');
  }
});
