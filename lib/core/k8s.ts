/**
 * The typed objects of Kubernetes, from cdk8s-plus's file of L1 classes. Import them only from here: the
 * bundler copies all of them for each file that imports the original, which would take 5 % of the synthesis
 * time.
 */
export * as k8s from 'cdk8s-plus-25/lib/imports/k8s';
