/** Dialogs: a titled sheet over the work, and the question that only unrecoverable acts ask. On phones they rise from the foot. */

import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { Button, IconButton } from './Button';
import { t } from './i18n';

export type DialogProps = {
  title: string;
  onClose(): void;
  wide?: boolean;
  /** Draws its own heading row; the title then serves assistive technology only. */
  bare?: boolean;
  className?: string;
  children: ReactNode;
};

/** Where no field took the focus: to what is marked as first, else to the dialog itself, so that its title is read. */
const toFirst = (event: Event): void => {
  event.preventDefault();
  const dialog = event.currentTarget as HTMLElement;
  (dialog.querySelector<HTMLElement>('[data-first]') ?? dialog).focus();
};

/** Where the focus was; of a menu that goes, what opened it. */
const origin = (): HTMLElement | null => {
  const at = document.activeElement;
  const opener = document.getElementById(at?.closest('[role=menu]')?.getAttribute('aria-labelledby') ?? '');
  return opener ?? (at instanceof HTMLElement ? at : null);
};

export function Dialog({ title, onClose, wide = false, bare = false, className = '', children }: DialogProps) {
  const [from] = useState(origin);
  /** Back to where it was, unless what the dialog did took the focus elsewhere. */
  const back = (event: Event): void => {
    event.preventDefault();
    if (document.activeElement === document.body) from?.focus();
  };
  return (
    <Radix.Root
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Radix.Portal>
        <Radix.Overlay className="scrim" />
        <Radix.Content
          className={`over dlg ${wide ? 'wide' : ''} ${className}`}
          aria-describedby={undefined}
          onOpenAutoFocus={toFirst}
          onCloseAutoFocus={back}
        >
          {bare ? (
            <Radix.Title className="sr">{title}</Radix.Title>
          ) : (
            <div className="dh">
              <Radix.Title>{title}</Radix.Title>
              <IconButton label={t('close')} icon={X} onClick={onClose} />
            </div>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function Confirm({
  title,
  text,
  action,
  onConfirm,
  onClose,
  children,
}: {
  title: string;
  text: string;
  action: string;
  onConfirm(): void;
  onClose(): void;
  /** What is chosen along with it. */
  children?: ReactNode;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="db">
        <p className="t2">{text}</p>
        {children}
      </div>
      <div className="df">
        <Button size="large" data-first onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button
          size="large"
          kind="dangerPrimary"
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
