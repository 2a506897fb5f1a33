/** The bar above the view holds the tools of the view: whoever draws the view hands them over, and knows no bar. */
import type { ReactNode } from 'react';
import { createContext, useContext } from 'react';
import { createPortal } from 'react-dom';

/** Where tools go; null until the bar is drawn. */
export const BarSlot = createContext<Element | null>(null);

export function InBar({ children }: { children: ReactNode }) {
  const slot = useContext(BarSlot);
  return slot && createPortal(children, slot);
}
