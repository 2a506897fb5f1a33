/** What works outside the microtask queue (WebCrypto, deflate), counted, so that virtual time waits until all of it has ended. */

let working = 0;

/** The port as it is; what it promises counts as work until it comes. */
export const tracked = <T extends object | undefined>(port: T): T =>
  port &&
  new Proxy(port, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const result: unknown = value.apply(target, args);
        if (!(result instanceof Promise)) return result;
        working++;
        const ended = () => {
          working--;
        };
        result.then(ended, ended);
        return result;
      };
    },
  });

/** Once nothing tracked is at work, and what followed from it began nothing that is. */
export const atRest = async (): Promise<void> => {
  for (let quiet = 0; quiet < 5; quiet = working > 0 ? 0 : quiet + 1) await new Promise((done) => setImmediate(done));
};
