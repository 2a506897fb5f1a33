/**
 * A sign outside IndexedDB that a profile was in use here: an empty file in the origin's private file system, which a browser
 * keeps apart. It says nothing but its name, is left after the first start that succeeded, and goes with everything else when
 * a person clears the site.
 */
export type Witness = {
  /** `undefined`: this browser has no such place, or does not open it. */
  seen(): Promise<boolean | undefined>;
  /** Leaves the sign, if it is not there; false where the browser has no place for it. */
  leave(): Promise<boolean>;
  /** Takes the sign away: the profile is removed on purpose. */
  remove(): Promise<void>;
};

const FOLDER = 'lgos';

export const openWitness = (profile: string): Witness => {
  const name = `profile-${profile}`;
  const folder = async (create: boolean): Promise<FileSystemDirectoryHandle> =>
    (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create });
  return {
    seen: async () => {
      try {
        await (await folder(false)).getFileHandle(name);
        return true;
      } catch (fault) {
        return fault instanceof DOMException && fault.name === 'NotFoundError' ? false : undefined;
      }
    },
    leave: async () => {
      try {
        await (await folder(true)).getFileHandle(name, { create: true });
        return true;
      } catch {
        return false;
      }
    },
    remove: async () => {
      try {
        await (await folder(false)).removeEntry(name);
      } catch {
        // It was not there.
      }
    },
  };
};
