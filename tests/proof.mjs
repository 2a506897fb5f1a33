/**
 * `npm run proof -- NAME`: the full form of a heavy proof, `tests/proof/NAME.test.ts`. With no name it lists them.
 * What a proof found is recorded in `docs/proofs.md` with its command, date and figures.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { install, nodeFault, ROOT, runProgram } from '../beacon/install.mjs';

const FOLDER = `${ROOT}/tests/proof`;
const ENDING = '.test.ts';

const namesOf = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => file.endsWith(ENDING))
        .map((file) => file.slice(0, -ENDING.length))
        .sort()
    : [];
/** The first line of the comment that a proof begins with. */
const subjectOf = (name) =>
  /^\/\*\*\s*(?:\*\s*)?([^\n]*?)\s*(?:\*\/)?$/m.exec(readFileSync(`${FOLDER}/${name}${ENDING}`, 'utf8'))?.[1] ?? '';

const main = async ([name, ...rest]) => {
  const names = namesOf(FOLDER);
  if (!name) {
    console.log(names.length > 0 ? 'Proofs (npm run proof -- NAME):' : 'There are no proofs yet.');
    for (const each of names) console.log(`  ${each.padEnd(16)} ${subjectOf(each)}`);
    return 0;
  }
  if (!names.includes(name)) {
    console.error(`There is no proof "${name}". There are: ${names.join(', ') || 'none'}.`);
    return 2;
  }
  const failed = await install({ dev: true });
  if (failed) return failed;
  return runProgram(
    process.execPath,
    [
      `${ROOT}/node_modules/vitest/vitest.mjs`,
      'run',
      // The file comes first: after a bare flag it would be taken for the flag's value, and every proof would run.
      ...[`tests/proof/${name}${ENDING}`, ...rest],
      ...['-c', 'tests/vitest.config.ts', '--project', 'proof', '--disable-console-intercept'],
    ],
    { LGOS_PROOF: '1' },
  );
};

const fault = nodeFault(process.versions.node);
if (fault) console.error(fault);
process.exitCode = fault ? 1 : await main(process.argv.slice(2));
