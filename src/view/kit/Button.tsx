/** Buttons. An icon button always has a name, which is its tooltip and its accessible label at once. */

import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import { Tooltip } from './Tooltip';

export type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  kind?: 'plain' | 'line' | 'primary' | 'danger' | 'dangerPrimary';
  size?: 'small' | 'usual' | 'large';
  icon?: LucideIcon;
  ref?: Ref<HTMLButtonElement>;
};

const kinds = { plain: '', line: 'line', primary: 'pri', danger: 'danger', dangerPrimary: 'danger pri' };
const sizes = { small: 'sm', usual: '', large: 'lg' };

export function Button({ kind = 'plain', size = 'usual', icon: Icon, className = '', children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={`btn ${kinds[kind]} ${sizes[size]} ${className}`}>
      {Icon ? <Icon className="i" size={size === 'small' ? 14 : 16} strokeWidth={1.75} aria-hidden /> : null}
      {children}
    </button>
  );
}

export type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-label'> & {
  label: string;
  icon: LucideIcon;
  keys?: string;
  small?: boolean;
  on?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

export function IconButton({ label, icon: Icon, keys, small = false, on, className = '', ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} keys={keys}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-pressed={on}
        className={`ib ${small ? 'sm' : ''} ${on ? 'on' : ''} ${className}`}
      >
        <Icon className="i" size={16} strokeWidth={1.75} aria-hidden />
      </button>
    </Tooltip>
  );
}
