/**
 * The Chromium that browser tests drive: `LGOS_CHROMIUM`, or one of the usual places, or one from the system's packages.
 * No browser is downloaded from anywhere else.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
const PLACES = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** For headless tests with WebRTC and WebGPU. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
];

const canRun = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Pure: where to look, best first. A name in `LGOS_CHROMIUM` is the only answer, so that a typing error is not passed over. */
export const candidates = (environment) => {
  const chosen = environment.LGOS_CHROMIUM;
  if (chosen) return isAbsolute(chosen) ? [chosen] : paths(environment).map((folder) => join(folder, chosen));
  const whole = PLACES.filter((place) => /chrom(e|ium)(\.exe)?$/i.test(place));
  const folders = [...PLACES.filter((place) => !whole.includes(place)), ...paths(environment)];
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...whole];
};
const paths = (environment) => (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');

/** The path of a Chromium, or `undefined`. */
export const findChromium = (environment = process.env, exists = canRun) => candidates(environment).find(exists);

export const ABSENT =
  'No Chromium was found. Install Chromium or Google Chrome, or give its path in LGOS_CHROMIUM, and run the command again.';

/** As `findChromium`; where there is none and this is root on a system with apt-get, installs it. Throws with one sentence. */
export const ensureChromium = () => {
  const found = findChromium();
  if (found) return found;
  const isRoot = process.getuid?.() === 0;
  if (process.env.LGOS_CHROMIUM || !isRoot || !['/usr/bin/apt-get'].some(canRun)) throw new Error(ABSENT);
  console.log('No Chromium was found: installing it with apt-get...');
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const { status } = spawnSync('apt-get', args, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) throw new Error(`apt-get ${args[0]} failed. ${ABSENT}`);
  }
  const installed = findChromium();
  if (!installed) throw new Error(ABSENT);
  return installed;
};
