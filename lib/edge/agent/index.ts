export { type AgentSite, resolveAgentSite } from './agent-site';
export { EdgeAgent, type Sidecar, sidecarFromScript } from './edge-agent';
