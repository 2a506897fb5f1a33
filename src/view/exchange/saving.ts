/**
 * Where an exported file goes: straight into a file that the person chose, where the browser can do that, so that no part of it stays in
 * memory; else into parts that the browser keeps, which it saves when all are there. A file counts only once it is closed.
 */
import { saveFile } from '../kit/files';
import type { Sink } from './zip';

type SavePicker = (options: {
  suggestedName: string;
  types: { accept: Record<string, string[]> }[];
}) => Promise<FileSystemFileHandle>;

const ZIP = 'application/zip';

/** `drop`: what was written is given up. */
export type Saving = Sink & { readonly name: string; drop(): Promise<void> };

/** Ask while a click still counts. `null`: the person chose no file. */
export async function whereToSave(name: string): Promise<Saving | null> {
  const pick = (window as { showSaveFilePicker?: SavePicker }).showSaveFilePicker;
  if (!pick) return inParts(name);
  try {
    const handle = await pick.call(window, { suggestedName: name, types: [{ accept: { [ZIP]: ['.zip'] } }] });
    return await intoFile(handle);
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === 'AbortError') return null;
    throw fault;
  }
}

async function intoFile(handle: FileSystemFileHandle): Promise<Saving> {
  const stream = await handle.createWritable();
  return {
    name: handle.name,
    write: async (parts) => {
      for (const bytes of parts) await stream.write(bytes);
    },
    close: () => stream.close(),
    // The file stays as it was before.
    drop: () => stream.abort().catch(() => undefined),
  };
}

function inParts(name: string): Saving {
  let parts: Blob[] = [];
  return {
    name,
    write: async (bytes) => void parts.push(new Blob(bytes)),
    close: async () => saveFile(name, new Blob(parts, { type: ZIP })),
    drop: async () => {
      parts = [];
    },
  };
}
