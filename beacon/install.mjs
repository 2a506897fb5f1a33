/**
 * Whether `node_modules` holds what the lockfile asks for, and the Node versions this project runs on.
 * Plain JavaScript that needs nothing installed: it runs before anything is.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** `>=20.19 <21 || >=22.12`, as `engines` in package.json says. Takes `process.versions.node`. */
const runsOnNode = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
};

/** One sentence for a Node that is too old; `undefined` where it will do. */
export const nodeFault = (version) =>
  runsOnNode(version)
    ? undefined
    : `LGOS needs Node 20.19 or a later 20, or Node 22.12 or later; this is Node ${version}. Install one of those and run the command again.`;

/** Names of packages that the lockfile asks for and the installed tree (`node_modules/.package-lock.json`) lacks or has otherwise. */
export const missingPackages = (lock, installed, { dev }) =>
  Object.entries(lock.packages ?? {})
    .filter(([path, wanted]) => {
      if (path === '' || wanted.link) return false;
      const found = installed.packages?.[path];
      if (!found) return !(wanted.optional || wanted.devOptional || wanted.peer || (wanted.dev && !dev));
      return found.version !== wanted.version || found.integrity !== wanted.integrity;
    })
    .map(([path]) => path);

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** `dev`: whether the packages that only building and testing need are wanted too. */
export const isInstalled = ({ dev }, root = ROOT) => {
  let installed;
  try {
    installed = readJson(`${root}/node_modules/.package-lock.json`);
  } catch {
    return false;
  }
  return missingPackages(readJson(`${root}/package-lock.json`), installed, { dev }).length === 0;
};

/** Runs a program in the project's folder with this terminal; gives its exit code. Signals to this process end it too. */
export const runProgram = (program, args, environment = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...environment },
      shell: process.platform === 'win32' && program === 'npm',
    });
    const stop = (signal) => child.kill(signal);
    process.on('SIGTERM', stop).on('SIGINT', stop);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGTERM', stop).off('SIGINT', stop);
      if (signal === 'SIGTERM' || signal === 'SIGINT') process.exit(signal === 'SIGINT' ? 130 : 143);
      resolve(code ?? 1);
    });
  });

/** `npm ci` where it is needed; gives its exit code, 0 where it was not. */
export const install = async ({ dev }) => {
  if (isInstalled({ dev })) return 0;
  console.log('Installing the packages in package-lock.json (once)...');
  return runProgram('npm', ['ci', '--no-audit', '--no-fund']);
};
