export { type AgentSite, agentSite } from './agent-site';
export { EdgeAgent, type Sidecar, sidecarOf } from './edge-agent';
