import type { LogAgent } from '../../lib';
import { LOG_AGENTS } from '../../lib/agents/log-agents';

/** A log agent of the library, and the variable that names its program. */
export interface AgentUnderTest {
  /** Such as "Fluent Bit". */
  readonly name: string;
  /** Such as `E2E_FLUENT_BIT`. */
  readonly variable: string;
  readonly agent: LogAgent;
}

/** All log agents of the library. No package of Debian has them. */
export const AGENTS_UNDER_TEST: readonly AgentUnderTest[] = Object.values(LOG_AGENTS).map((agent) => ({
  name: agent.name.replace(/(^|-)(\w)/g, (_, dash, letter) => (dash ? ' ' : '') + letter.toUpperCase()),
  variable: `E2E_${agent.name.replaceAll('-', '_').toUpperCase()}`,
  agent,
}));

/** Log agents whose programs are given. */
export const GIVEN_AGENTS = AGENTS_UNDER_TEST.filter(({ variable }) => process.env[variable]);
