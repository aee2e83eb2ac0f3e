import type { PresenceStatus } from '../core/types';

export interface PresenceDotProps {
  status: PresenceStatus;
  className?: string;
}

/**
 * A status by shape as well as by colour: full, crescent, minus, hollow. Only for the eye: what it means stands in
 * words beside it, or in the name of what it belongs to.
 */
export function PresenceDot({ status, className = '' }: PresenceDotProps) {
  return <span className={`ha-dot ha-dot-alone ${className}`} data-status={status} aria-hidden="true" />;
}
