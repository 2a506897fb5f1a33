/** What the inspector shows: the page's own object unless somebody asked for another. Any view may ask. */
import { createContext, useContext } from 'react';

export type Inspected = {
  readonly id: string;
  readonly kind: 'channel' | 'document' | 'message';
  readonly title: string;
  readonly spaceId: string;
};
export type Inspection = {
  readonly open: boolean;
  readonly target: Inspected | null;
  show(target: Inspected): void;
  toggle(): void;
  close(): void;
};

export const InspectionContext = createContext<Inspection>({
  open: false,
  target: null,
  show() {},
  toggle() {},
  close() {},
});
export const useInspection = (): Inspection => useContext(InspectionContext);
