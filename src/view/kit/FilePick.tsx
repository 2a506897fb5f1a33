/** A button that asks for a file. The browser's own field is out of sight, and forgets its file, so that the same one can be picked again. */
import type { LucideIcon } from 'lucide-react';
import { useRef } from 'react';
import { Button } from './Button';

export type FilePickProps = {
  readonly label: string;
  readonly icon: LucideIcon;
  /** As the browser's own field takes it. */
  readonly accept: string;
  readonly disabled?: boolean;
  onPick(file: File): void;
};

export function FilePick({ label, icon, accept, disabled = false, onPick }: FilePickProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button kind="line" size="large" icon={icon} disabled={disabled} onClick={() => input.current?.click()}>
        {label}
      </Button>
      <input
        ref={input}
        className="sr"
        type="file"
        tabIndex={-1}
        aria-label={label}
        accept={accept}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onPick(file);
          event.target.value = '';
        }}
      />
    </>
  );
}
