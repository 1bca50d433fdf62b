/** Menus under a button and under the right mouse button; what is in them is data. Keys and focus are Base UI's. */
import { ContextMenu as Context } from '@base-ui/react/context-menu';
import { Menu as Base } from '@base-ui/react/menu';
import { createContext, type ReactElement, type RefObject, useContext } from 'react';
import { Icon, type IconName } from './Icon.tsx';
import styles from './Menu.module.css';

export interface MenuAction {
  /** Where two may be labelled alike. */
  readonly id?: string;
  readonly label: string;
  readonly icon?: IconName;
  /** The keys that do the same. */
  readonly keys?: string;
  readonly danger?: boolean;
  /** The one of several that holds now. */
  readonly checked?: boolean;
  run(): void;
}

export type MenuEntry =
  | MenuAction
  | { readonly label: string; readonly icon?: IconName; readonly entries: readonly MenuEntry[] }
  | 'line';

/** Which part of the page menus belong to: a landmark, so that who listens to the page knows where they are. */
export const MenuPlace = createContext<RefObject<HTMLElement | null> | undefined>(undefined);

interface MenuProps {
  readonly label: string;
  /** Called when the menu opens. */
  readonly entries: () => readonly MenuEntry[];
  /** Where the focus goes when it closes. */
  readonly after: () => HTMLElement | null;
}

/** `children` is the button that opens it. */
export function Menu({
  children,
  open,
  onOpenChange,
  ...content
}: MenuProps & { children: ReactElement; open: boolean; onOpenChange: (open: boolean) => void }) {
  const place = useContext(MenuPlace);
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Trigger render={children} />
      <Base.Portal container={place}>
        <Base.Positioner className={styles.positioner} align="start" sideOffset={4} collisionPadding={8}>
          <Content {...content} />
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** `children` is where the right mouse button opens it. */
export function ContextMenu({ children, ...content }: MenuProps & { children: ReactElement }) {
  const place = useContext(MenuPlace);
  return (
    <Context.Root>
      <Context.Trigger render={children} />
      <Context.Portal container={place}>
        <Context.Positioner className={styles.positioner} collisionPadding={8}>
          <Content {...content} />
        </Context.Positioner>
      </Context.Portal>
    </Context.Root>
  );
}

function Content({ label, entries, after }: MenuProps) {
  return (
    <Base.Popup className={styles.popup} aria-label={label} finalFocus={() => after() ?? false}>
      <Entries entries={entries()} />
    </Base.Popup>
  );
}

function Entries({ entries }: { entries: readonly MenuEntry[] }) {
  const place = useContext(MenuPlace);
  return entries.map((entry, i) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name, and a menu's order stays while it is open
    if (entry === 'line') return <Base.Separator key={i} className={styles.line} />;
    if ('entries' in entry) {
      return (
        <Base.SubmenuRoot key={entry.label}>
          <Base.SubmenuTrigger className={styles.item}>
            <Face {...entry} />
            <Icon name="chevron" size={12} />
          </Base.SubmenuTrigger>
          <Base.Portal container={place}>
            <Base.Positioner className={styles.positioner} alignOffset={-5} collisionPadding={8}>
              <Base.Popup className={styles.popup} aria-label={entry.label}>
                <Entries entries={entry.entries} />
              </Base.Popup>
            </Base.Positioner>
          </Base.Portal>
        </Base.SubmenuRoot>
      );
    }
    return (
      <Base.Item
        key={entry.id ?? entry.label}
        className={`${styles.item} ${entry.danger ? styles.danger : ''}`}
        onClick={entry.run}
      >
        <Face {...entry} />
        {entry.checked && <Icon name="check" size={14} />}
        {entry.keys && (
          <span className={styles.keys} aria-hidden="true">
            {entry.keys}
          </span>
        )}
      </Base.Item>
    );
  });
}

function Face({ icon, label }: { icon?: IconName | undefined; label: string }) {
  return (
    <>
      {icon && <Icon name={icon} size={14} />}
      <span className={styles.label}>{label}</span>
    </>
  );
}
