/**
 * `npm start`: from a fresh checkout to a running beacon in one command. Checks Node, installs and builds only what is
 * missing or out of date, then runs `dist/beacon/main.js` in this process with the same arguments and environment.
 *
 * Plain JavaScript with no dependencies, and no syntax that an old Node cannot read: its first act is to say so.
 */
import { pathToFileURL } from 'node:url';
import { install, nodeFault, ROOT, runProgram } from './install.mjs';
import { isBuilt } from './stamp.mjs';

const stopUnless = (code, sentence) => {
  if (code === 0) return;
  console.error(sentence);
  process.exit(code);
};

const fault = nodeFault(process.versions.node);
stopUnless(fault ? 1 : 0, fault);

const built = isBuilt();
stopUnless(
  await install({ dev: !built }),
  'The packages could not be installed; nothing was started. The lines above say why: most often there is no network.',
);
if (!built) {
  stopUnless(
    await runProgram(process.execPath, ['beacon/build.mjs']),
    'The build failed; nothing was started. Your data was not touched.',
  );
}
await import(pathToFileURL(`${ROOT}/dist/beacon/main.js`).href);
