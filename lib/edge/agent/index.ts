export { type AgentSite, agentSite } from './agent-site';
export { EdgeAgent } from './edge-agent';
