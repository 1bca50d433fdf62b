import { useEffect, useState } from 'react';
import { useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';

/** Copies what `text` gives when pressed; says so for two seconds. */
export function CopyButton({
  label,
  text,
  tip,
}: {
  label: string;
  text: () => string;
  tip: 'above-right' | 'above-left' | 'below-left';
}) {
  const failed = useStore((state) => state.failed);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
    } catch (error) {
      failed({
        code: 'unsupported',
        message: `The text could not be copied: ${error instanceof Error ? error.message : String(error)}`,
        hint: 'Select it and copy it with the keyboard.',
      });
    }
  }
  return (
    <IconButton
      icon={copied ? 'check' : 'copy'}
      label={copied ? 'Copied' : label}
      size="small"
      tip={tip}
      onClick={copy}
    />
  );
}
