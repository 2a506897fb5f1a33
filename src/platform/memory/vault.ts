/** The Vault port in memory. */
import type { Vault } from '../../ports';

export const memoryVault = (): Vault => {
  const secrets = new Map<string, Uint8Array>();
  return {
    get: async (name) => {
      const secret = secrets.get(name);
      return secret && new Uint8Array(secret);
    },
    put: async (name, secret) => {
      secrets.set(name, new Uint8Array(secret));
    },
    list: async (prefix) => [...secrets.keys()].filter((name) => name.startsWith(prefix)).sort(),
    remove: async (name) => {
      secrets.delete(name);
    },
  };
};
