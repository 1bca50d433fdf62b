import type { ComponentProps } from 'react';
import styles from './Button.module.css';
import { Icon, type IconName } from './Icon.tsx';

type ButtonProps = ComponentProps<'button'> & { look?: 'plain' | 'accent'; icon?: IconName };

export function Button({ look = 'plain', icon, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} className={`${styles.button} ${styles[look]}`}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ComponentProps<'button'>, 'children'> & {
  icon: IconName;
  /** What it does: its name for assistive technology and its tooltip. */
  label: string;
  /** The keys that do the same, shown in the tooltip. */
  keys?: string;
  look?: 'plain' | 'accent';
  size?: 'small' | 'regular' | 'large';
  tip?: 'above' | 'above-left' | 'above-right' | 'below' | 'below-left' | 'below-right';
};

/** A button that shows only an icon. It stays focusable when it cannot act (`aria-disabled`), so focus is never lost. */
export function IconButton({
  icon,
  label,
  keys,
  look = 'plain',
  size = 'regular',
  tip = 'below',
  onClick,
  ...rest
}: IconButtonProps) {
  const off = rest['aria-disabled'] === true || rest['aria-disabled'] === 'true';
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      onClick={off ? undefined : onClick}
      className={`${styles.icon} ${styles[size]} ${styles[look]}`}
    >
      <Icon name={icon} size={size === 'small' ? 14 : 16} />
      <span className={`${styles.tip} ${styles[tip]}`} aria-hidden="true">
        {label}
        {keys && <kbd>{keys}</kbd>}
      </span>
    </button>
  );
}
