/** Menus: under a button ("…") and on right-click, with the same items. */

import type { LucideIcon } from 'lucide-react';
import { Check } from 'lucide-react';
import { ContextMenu, DropdownMenu } from 'radix-ui';
import type { KeyboardEvent, ReactElement, ReactNode } from 'react';

export type MenuItem =
  | {
      readonly key: string;
      readonly label: string;
      /** A second line: what it means, or why it is off. */
      readonly hint?: string | undefined;
      readonly icon?: LucideIcon;
      readonly lead?: ReactNode;
      readonly note?: ReactNode;
      readonly checked?: boolean;
      readonly danger?: boolean;
      readonly disabled?: boolean;
      /** It cannot be chosen, but is walked over and read, because its hint says why. */
      readonly off?: boolean | undefined;
      readonly onSelect: () => void;
    }
  | { readonly key: string; readonly heading: string }
  | { readonly key: string; readonly line: true };

type Parts = Pick<typeof DropdownMenu, 'Item' | 'Label' | 'Separator'>;

function Items({ items, parts }: { items: readonly MenuItem[]; parts: Parts }) {
  return items.map((item) => {
    if ('line' in item)
      return (
        <parts.Separator key={item.key} asChild>
          <hr />
        </parts.Separator>
      );
    if ('heading' in item)
      return (
        <parts.Label key={item.key} className="h">
          {item.heading}
        </parts.Label>
      );
    const Icon = item.icon;
    return (
      <parts.Item
        key={item.key}
        className={`it ${item.danger ? 'danger' : ''} ${item.hint ? 'two' : ''} ${item.off ? 'off' : ''}`}
        disabled={item.disabled}
        aria-disabled={item.off}
        onSelect={(event) => {
          if (item.off) event.preventDefault();
          else item.onSelect();
        }}
      >
        {Icon ? <Icon className="i" size={16} strokeWidth={1.75} aria-hidden /> : item.lead}
        {item.hint ? (
          <span className="said">
            {item.label}
            <span className="t12 t3">{item.hint}</span>
          </span>
        ) : (
          <span className="words">{item.label}</span>
        )}
        {item.note ? <span className="n num">{item.note}</span> : null}
        {item.checked ? (
          <Check className="i" style={{ marginLeft: 'auto' }} size={14} strokeWidth={1.75} aria-hidden />
        ) : null}
      </parts.Item>
    );
  });
}

/** Along a line, as it is read. */
const stepAside = (event: KeyboardEvent): void => {
  const way = { ArrowRight: 'nextElementSibling', ArrowLeft: 'previousElementSibling' } as const;
  const to = event.key in way && document.activeElement?.[way[event.key as keyof typeof way]];
  if (to instanceof HTMLElement) to.focus();
};

export function Menu({
  items,
  inLine = false,
  align = 'start',
  side = 'bottom',
  open,
  onOpen,
  children,
}: {
  items: readonly MenuItem[];
  /** Signs without words: beside each other instead of one under the other. */
  inLine?: boolean;
  align?: 'start' | 'end';
  side?: 'bottom' | 'top';
  /** Where keys open it as well. */
  open?: boolean;
  onOpen?: (open: boolean) => void;
  children: ReactElement;
}) {
  const control = open === undefined ? {} : { open };
  return (
    <DropdownMenu.Root modal={false} {...control} {...(onOpen ? { onOpenChange: onOpen } : {})}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className={`over menu ${inLine ? 'line' : ''}`}
          onKeyDown={inLine ? stepAside : undefined}
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            // What was chosen may have put the focus into something that it opened.
            if (document.activeElement !== document.body) event.preventDefault();
          }}
        >
          <Items items={items} parts={DropdownMenu} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function RightClick({ items, children }: { items: readonly MenuItem[]; children: ReactElement }) {
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger asChild>{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content className="over menu" collisionPadding={8}>
          <Items items={items} parts={ContextMenu as Parts} />
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
