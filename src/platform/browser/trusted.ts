/**
 * Trusted Types: under `require-trusted-types-for 'script'` the browser lets no text become markup, script or the address of one
 * unless this policy passes it. Where a browser has no Trusted Types, nothing changes.
 *
 * [TT1] Of addresses, only this site's own workers pass. Of markup, only text that can hold none, and an empty body: TipTap gives its
 *       style sheet and its empty document so. Nothing becomes a script. What ProseMirror asks for itself, when somebody pastes, it
 *       reads in a document without a window, in which nothing runs and nothing loads; then only what its schema knows goes on.
 */

type Rules = {
  createHTML(html: string, type?: string): string | null;
  createScript(): null;
  createScriptURL(address: string): string | null;
};
type Factory = { createPolicy(name: string, rules: Rules): unknown };

const OWN_SCRIPT = /^\/(?:assets\/[\w.-]*worker[\w.-]*\.js|service\.worker\.js)$/;

const EMPTY = '<body></body>';

/** What passes; null refuses. `origin` is the page's own. */
export const trustRules = (origin: string): Rules => ({
  // A second argument is there when the browser asks, about a text that was about to become markup.
  createHTML: (html, type) => (type === undefined || html === EMPTY || !/[<&]/.test(html) ? html : null),
  createScript: () => null,
  createScriptURL: (address) => {
    if (!URL.canParse(address, origin)) return null;
    const url = new URL(address, origin);
    return url.origin === origin && OWN_SCRIPT.test(url.pathname) ? address : null;
  },
});

/** Once, before anything else of the page. */
export const trustOnlyOwnScripts = (page: { readonly trustedTypes?: Factory; readonly origin: string }): void => {
  page.trustedTypes?.createPolicy('default', trustRules(page.origin));
};
