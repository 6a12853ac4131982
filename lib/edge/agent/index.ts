export { type AgentSite, agentSite } from './agent-site';
export { EdgeAgent } from './edge-agent';
export { AGENT_THRESHOLDS, type AgentThresholds, agentRules } from './rules';
