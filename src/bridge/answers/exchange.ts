/** Spaces as files. */

/** Keys of the space in its bundle: open to whoever has the file, none, or under a passphrase. Open unless told. */
export type ExportHow = { readonly keys?: 'open' | 'none'; readonly passphrase?: string };

/** `os.exporting`: changes dealt with, of how many. */
export type ExportingAnswer = { readonly spaceId: string; readonly done: number; readonly total: number } | null;

/** `os.missingFiles` {spaceId}: files that are not on this device, their size as stated; `coming`: asked for. */
export type MissingFilesAnswer = { readonly files: number; readonly bytes: number; readonly coming: number };

/** `os.importing`: changes dealt with, of how many; 0 of 0 before they are counted. */
export type ImportingAnswer = { readonly done: number; readonly total: number } | null;

/**
 * `stateHash`: empty where this device cannot tell. `added`: changes that were not here. `refused`: those that the space does
 * not allow; of a space that was not here they keep all of it out. `isNew`: the space was not here.
 */
export type BundleImported = {
  readonly id: string;
  readonly stateHash: string;
  readonly added: number;
  readonly refused: number;
  readonly isNew: boolean;
};

/** A row of `os.objects`. Times in ms. */
export type ExportedObject = {
  readonly id: string;
  readonly type: string;
  readonly author: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly parent?: string;
  readonly order?: string;
  readonly removed?: boolean;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly relations: readonly { readonly relation: string; readonly to: string; readonly value: unknown }[];
};
