/**
 * The page's guard: runs before any kernel code and says, in plain words, why LGOS cannot start in this browser or at
 * this address. It must know nothing of the kernel and use nothing that an old browser lacks.
 *
 * - Off localhost a browser gives no cryptography, locks or service worker without TLS, so the address is judged first.
 * - Entries are signed with Ed25519 and keys agreed with X25519; there is no fallback in JavaScript, because such
 *   verifiers accept signatures that others refuse.
 */

/** `insecure`: a plain http address that is not localhost. `oldBrowser`: something LGOS stands on is missing. */
export type Missing = 'insecure' | 'oldBrowser';

/** What the guard looks at; a `Window` fits. */
export type PageLike = {
  readonly isSecureContext?: boolean;
  readonly crypto?: { readonly subtle?: KeyMaker | undefined };
  readonly navigator?: { readonly locks?: unknown };
  readonly Worker?: unknown;
  readonly indexedDB?: unknown;
  readonly BroadcastChannel?: unknown;
};
type KeyMaker = {
  generateKey(algorithm: { name: string }, extractable: boolean, usages: KeyUsage[]): Promise<unknown>;
};

/** What can be seen at once. `undefined`: nothing is missing so far. */
export const whatIsMissing = (page: PageLike): Missing | undefined => {
  if (!page.isSecureContext) return 'insecure';
  const needed = [page.crypto?.subtle, page.navigator?.locks, page.Worker, page.indexedDB, page.BroadcastChannel];
  return needed.some((part) => part === undefined || part === null) ? 'oldBrowser' : undefined;
};

/** Whether the browser can sign with Ed25519 and agree on keys with X25519. Never rejects. */
export const hasCurves = async (page: PageLike): Promise<boolean> => {
  const subtle = page.crypto?.subtle;
  if (!subtle) return false;
  try {
    await subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify']);
    await subtle.generateKey({ name: 'X25519' }, false, ['deriveBits']);
    return true;
  } catch {
    return false;
  }
};

/** Both checks. `undefined`: LGOS can start here. */
export const checkPage = async (page: PageLike): Promise<Missing | undefined> =>
  whatIsMissing(page) ?? ((await hasCurves(page)) ? undefined : 'oldBrowser');

type Words = { readonly title: string; readonly happened: string; readonly safe: string; readonly next: string[] };
const WORDS: Record<'en' | 'ru', Record<Missing, Words>> = {
  en: {
    insecure: {
      title: 'This address is not secure',
      happened:
        'LifeGraph OS was opened over plain http. At such an address a browser switches off the cryptography that protects your work, so LifeGraph OS did not start.',
      safe: 'Nothing was read, stored or sent. What you have in LifeGraph OS at other addresses is untouched.',
      next: [
        'On the computer that runs LifeGraph OS, open it as http://localhost with the same port.',
        'From another device, use the address that begins with https://. Whoever runs this beacon can switch it on: npm start -- --tls self.',
      ],
    },
    oldBrowser: {
      title: 'This browser is too old for LifeGraph OS',
      happened:
        'LifeGraph OS signs and stores your work in the browser itself. This browser lacks something it needs for that, so LifeGraph OS did not start.',
      safe: 'Nothing was changed. Work that is already in this browser stays in it and opens again after an update.',
      next: [
        'Update this browser, or open this address in Chrome or Edge 137, Firefox 130, Safari 17 or later.',
        'If the browser is new, check that it is not in a mode that blocks storage for this site.',
      ],
    },
  },
  ru: {
    insecure: {
      title: 'Этот адрес не защищён',
      happened:
        'LifeGraph OS открыта по обычному http. По такому адресу браузер отключает криптографию, которая защищает вашу работу, поэтому LifeGraph OS не запустилась.',
      safe: 'Ничего не прочитано, не сохранено и не отправлено. То, что у вас есть в LifeGraph OS по другим адресам, не затронуто.',
      next: [
        'На компьютере, где запущена LifeGraph OS, откройте http://localhost с тем же портом.',
        'С другого устройства откройте адрес, который начинается с https://. Его может включить тот, кто держит этот маяк: npm start -- --tls self.',
      ],
    },
    oldBrowser: {
      title: 'Этот браузер слишком старый для LifeGraph OS',
      happened:
        'LifeGraph OS подписывает и хранит вашу работу в самом браузере. Этому браузеру не хватает чего-то нужного для этого, поэтому LifeGraph OS не запустилась.',
      safe: 'Ничего не изменено. То, что уже есть в этом браузере, останется в нём и откроется после обновления.',
      next: [
        'Обновите браузер или откройте этот адрес в Chrome или Edge 137, Firefox 130, Safari 17 или новее.',
        'Если браузер новый, проверьте, не запрещено ли этому сайту хранить данные.',
      ],
    },
  },
};
const LABELS = {
  en: { safe: 'What is safe', next: 'What to do' },
  ru: { safe: 'Что в сохранности', next: 'Что делать' },
};

/** Replaces the page's content. `language` is a tag such as `navigator.language`; Russian for `ru…`, English otherwise. */
export const showGuardPage = (reason: Missing, language: string, page: Document = document): void => {
  const tongue = /^ru\b/i.test(language) ? 'ru' : 'en';
  const words = WORDS[tongue][reason];
  const part = (tag: string, text: string, style: string): HTMLElement => {
    const element = page.createElement(tag);
    element.textContent = text;
    element.style.cssText = style;
    return element;
  };
  const main = page.createElement('main');
  main.setAttribute('role', 'alert');
  main.style.cssText =
    'max-width:34rem;margin:0 auto;padding:15vh 1.25rem 3rem;font:16px/1.6 "Inter Variable",system-ui,sans-serif';
  const heading = 'font-size:16px;font-weight:600;margin:1.5rem 0 .25rem';
  const steps = page.createElement('ul');
  steps.style.cssText = 'margin:0;padding-left:1.25rem;list-style:disc';
  for (const step of words.next) steps.append(part('li', step, 'margin:0 0 .5rem'));
  main.append(
    part('h1', words.title, 'font-size:20px;font-weight:600;margin:0 0 .75rem'),
    part('p', words.happened, 'margin:0'),
    part('h2', LABELS[tongue].safe, heading),
    part('p', words.safe, 'margin:0'),
    part('h2', LABELS[tongue].next, heading),
    steps,
  );
  page.documentElement.lang = tongue;
  page.title = `${words.title} · LifeGraph OS`;
  page.body.replaceChildren(main);
};
