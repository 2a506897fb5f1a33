/** What the inspector shows: the page's own object unless somebody asked for another. Any view may ask. */
import { createContext, useCallback, useContext } from 'react';

export type Inspected = {
  readonly id: string;
  readonly kind: 'channel' | 'document' | 'folder' | 'message' | 'person' | 'space';
  readonly title: string;
  readonly spaceId: string;
  /** Opens at what was said about it: a thread, or a new one about a block and words of it. `n`: asks again. */
  readonly said?: { readonly thread?: string; readonly block?: string; readonly quote?: string; readonly n: number };
};
/** A block of a document, or a message of a channel, that somebody asks to see. `n` counts the asking. */
export type Pointed = { readonly objectId: string; readonly block: string; readonly n: number };
export type Inspection = {
  readonly open: boolean;
  readonly target: Inspected | null;
  readonly pointed: Pointed | null;
  point(objectId: string, block: string): void;
  show(target: Inspected): void;
  toggle(): void;
  close(): void;
};

export const InspectionContext = createContext<Inspection>({
  open: false,
  target: null,
  pointed: null,
  point() {},
  show() {},
  toggle() {},
  close() {},
});
export const useInspection = (): Inspection => useContext(InspectionContext);

/** Opens a person, as they are in a space. */
export const useShowPerson = (spaceId: string): ((person: { readonly userId: string }) => void) => {
  const { show } = useInspection();
  return useCallback(({ userId }) => show({ id: userId, kind: 'person', title: '', spaceId }), [show, spaceId]);
};
