// Fields of the checked kinds in the notation of schema.h; made by scripts/regenerate-schema, do not edit.
#pragma once

#include "core/lint/schema.h"

namespace ktrain::lint {

// clang-format off
inline constexpr TypeText type_texts[] = {  // Kubernetes 1.36.0
    {"AWSElasticBlockStoreVolumeSource",
     "fsType:string partition:int32 readOnly:bool volumeID!:string"},
    {"Affinity",
     "nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity"},
    {"AppArmorProfile",
     "localhostProfile:string type!:AppArmorType"},
    {"AzureDiskVolumeSource",
     "cachingMode:AzureCaching diskName!:string diskURI!:string fsType:string kind:AzureKind readOnly:bool"},
    {"AzureFileVolumeSource",
     "readOnly:bool secretName!:string shareName!:string"},
    {"CSIVolumeSource",
     "driver!:string fsType:string nodePublishSecretRef:LocalObjectReference readOnly:bool "
     "volumeAttributes:{}string"},
    {"Capabilities",
     "add:[]string drop:[]string"},
    {"CephFSVolumeSource",
     "monitors!:[]string path:string readOnly:bool secretFile:string secretRef:LocalObjectReference "
     "user:string"},
    {"CinderVolumeSource",
     "fsType:string readOnly:bool secretRef:LocalObjectReference volumeID!:string"},
    {"ClientIPConfig",
     "timeoutSeconds:int32"},
    {"ClusterTrustBundleProjection",
     "labelSelector:LabelSelector name:string optional:bool path!:string signerName:string"},
    {"ConfigMap",
     "apiVersion:string binaryData:{}base64 data:{}string immutable:bool kind:string metadata:ObjectMeta"},
    {"ConfigMapEnvSource",
     "name:string optional:bool"},
    {"ConfigMapKeySelector",
     "key!:string name:string optional:bool"},
    {"ConfigMapProjection",
     "items:[]KeyToPath name:string optional:bool"},
    {"ConfigMapVolumeSource",
     "defaultMode:fileMode items:[]KeyToPath name:string optional:bool"},
    {"Container",
     "args:[]string command:[]string env:[]EnvVar envFrom:[]EnvFromSource image!:string "
     "imagePullPolicy:PullPolicy lifecycle:Lifecycle livenessProbe:Probe name!:dnsLabel ports:[]ContainerPort "
     "readinessProbe:Probe resizePolicy:[]ContainerResizePolicy resources:ResourceRequirements "
     "restartPolicy:string restartPolicyRules:[]ContainerRestartRule securityContext:SecurityContext "
     "startupProbe:Probe stdin:bool stdinOnce:bool terminationMessagePath:string "
     "terminationMessagePolicy:MessagePolicy tty:bool volumeDevices:[]VolumeDevice volumeMounts:[]VolumeMount "
     "workingDir:string"},
    {"ContainerPort",
     "containerPort!:port hostIP:string hostPort:portOrZero name:string protocol:Protocol"},
    {"ContainerResizePolicy",
     "resourceName!:string restartPolicy!:ResizePolicy"},
    {"ContainerRestartRule",
     "action!:string exitCodes:ContainerRestartRuleOnExitCodes"},
    {"ContainerRestartRuleOnExitCodes",
     "operator!:string values:[]int32"},
    {"DownwardAPIProjection",
     "items:[]DownwardAPIVolumeFile"},
    {"DownwardAPIVolumeFile",
     "fieldRef:ObjectFieldSelector mode:fileMode path!:string resourceFieldRef:ResourceFieldSelector"},
    {"DownwardAPIVolumeSource",
     "defaultMode:fileMode items:[]DownwardAPIVolumeFile"},
    {"EmptyDirVolumeSource",
     "medium:string sizeLimit:quantity"},
    {"EnvFromSource",
     "configMapRef:ConfigMapEnvSource prefix:string secretRef:SecretEnvSource"},
    {"EnvVar",
     "name!:envName value:string valueFrom:EnvVarSource"},
    {"EnvVarSource",
     "configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector "
     "resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector"},
    {"EphemeralContainer",
     "args:[]string command:[]string env:[]EnvVar envFrom:[]EnvFromSource image!:string "
     "imagePullPolicy:PullPolicy lifecycle:Lifecycle livenessProbe:Probe name!:dnsLabel ports:[]ContainerPort "
     "readinessProbe:Probe resizePolicy:[]ContainerResizePolicy resources:ResourceRequirements "
     "restartPolicy:string restartPolicyRules:[]ContainerRestartRule securityContext:SecurityContext "
     "startupProbe:Probe stdin:bool stdinOnce:bool targetContainerName:string terminationMessagePath:string "
     "terminationMessagePolicy:MessagePolicy tty:bool volumeDevices:[]VolumeDevice volumeMounts:[]VolumeMount "
     "workingDir:string"},
    {"EphemeralVolumeSource",
     "volumeClaimTemplate:PersistentVolumeClaimTemplate"},
    {"ExecAction",
     "command:[]string"},
    {"FCVolumeSource",
     "fsType:string lun:int32 readOnly:bool targetWWNs:[]string wwids:[]string"},
    {"FileKeySelector",
     "key!:string optional:bool path!:string volumeName!:string"},
    {"FlexVolumeSource",
     "driver!:string fsType:string options:{}string readOnly:bool secretRef:LocalObjectReference"},
    {"FlockerVolumeSource",
     "datasetName:string datasetUUID:string"},
    {"GCEPersistentDiskVolumeSource",
     "fsType:string partition:int32 pdName!:string readOnly:bool"},
    {"GRPCAction",
     "port!:port service:string"},
    {"GitRepoVolumeSource",
     "directory:string repository!:string revision:string"},
    {"GlusterfsVolumeSource",
     "endpoints!:string path!:string readOnly:bool"},
    {"HTTPGetAction",
     "host:string httpHeaders:[]HTTPHeader path:string port!:portOrName scheme:Scheme"},
    {"HTTPHeader",
     "name!:string value!:string"},
    {"HostAlias",
     "hostnames:[]string ip!:string"},
    {"HostPathVolumeSource",
     "path!:string type:HostPathType"},
    {"ISCSIVolumeSource",
     "chapAuthDiscovery:bool chapAuthSession:bool fsType:string initiatorName:string iqn!:string "
     "iscsiInterface:string lun!:int32 portals:[]string readOnly:bool secretRef:LocalObjectReference "
     "targetPortal!:string"},
    {"ImageVolumeSource",
     "pullPolicy:PullPolicy reference:string"},
    {"Job",
     "apiVersion:string kind:string metadata:ObjectMeta spec!:JobSpec status:any"},
    {"JobSpec",
     "activeDeadlineSeconds:natural64 backoffLimit:natural backoffLimitPerIndex:natural "
     "completionMode:CompletionMode completions:natural managedBy:string manualSelector:bool "
     "maxFailedIndexes:natural parallelism:natural podFailurePolicy:PodFailurePolicy "
     "podReplacementPolicy:PodReplacement selector:LabelSelector successPolicy:SuccessPolicy suspend:bool "
     "template!:PodTemplateSpec ttlSecondsAfterFinished:natural"},
    {"KeyToPath",
     "key!:string mode:fileMode path!:string"},
    {"LabelSelector",
     "matchExpressions:[]LabelSelectorRequirement matchLabels:labels"},
    {"LabelSelectorRequirement",
     "key!:string operator!:LabelOperator values:[]string"},
    {"Lifecycle",
     "postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:string"},
    {"LifecycleHandler",
     "exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction"},
    {"LimitRange",
     "apiVersion:string kind:string metadata:ObjectMeta spec!:LimitRangeSpec"},
    {"LimitRangeItem",
     "default:{}quantity defaultRequest:{}quantity max:{}quantity maxLimitRequestRatio:{}quantity "
     "min:{}quantity type!:string"},
    {"LimitRangeSpec",
     "limits!:[]LimitRangeItem"},
    {"LocalObjectReference",
     "name:string"},
    {"NFSVolumeSource",
     "path!:string readOnly:bool server!:string"},
    {"Namespace",
     "apiVersion:string kind:string metadata:ObjectMeta spec:NamespaceSpec status:any"},
    {"NamespaceSpec",
     "finalizers:[]string"},
    {"NodeAffinity",
     "preferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm "
     "requiredDuringSchedulingIgnoredDuringExecution:NodeSelector"},
    {"NodeSelector",
     "nodeSelectorTerms!:[]NodeSelectorTerm"},
    {"NodeSelectorRequirement",
     "key!:string operator!:NodeOperator values:[]string"},
    {"NodeSelectorTerm",
     "matchExpressions:[]NodeSelectorRequirement matchFields:[]NodeSelectorRequirement"},
    {"ObjectFieldSelector",
     "apiVersion:string fieldPath!:string"},
    {"ObjectMeta",
     "annotations:labels creationTimestamp:time deletionGracePeriodSeconds:int64 deletionTimestamp:time "
     "finalizers:[]string generateName:string generation:int64 labels:labels managedFields:any name:string "
     "namespace:string ownerReferences:[]OwnerReference resourceVersion:string selfLink:string uid:string"},
    {"ObjectReference",
     "apiVersion:string fieldPath:string kind:string name:string namespace:string resourceVersion:string "
     "uid:string"},
    {"OwnerReference",
     "apiVersion!:string blockOwnerDeletion:bool controller:bool kind!:string name!:string uid!:string"},
    {"PersistentVolumeClaim",
     "apiVersion:string kind:string metadata:ObjectMeta spec!:PersistentVolumeClaimSpec status:any"},
    {"PersistentVolumeClaimSpec",
     "accessModes!:[]AccessMode dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference "
     "resources!:VolumeResourceRequirements selector:LabelSelector storageClassName:string "
     "volumeAttributesClassName:string volumeMode:VolumeMode volumeName:string"},
    {"PersistentVolumeClaimTemplate",
     "metadata:ObjectMeta spec!:PersistentVolumeClaimSpec"},
    {"PersistentVolumeClaimVolumeSource",
     "claimName!:string readOnly:bool"},
    {"PhotonPersistentDiskVolumeSource",
     "fsType:string pdID!:string"},
    {"Pod",
     "apiVersion:string kind:string metadata:ObjectMeta spec!:PodSpec status:any"},
    {"PodAffinity",
     "preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm "
     "requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm"},
    {"PodAffinityTerm",
     "labelSelector:LabelSelector matchLabelKeys:[]string mismatchLabelKeys:[]string "
     "namespaceSelector:LabelSelector namespaces:[]string topologyKey!:string"},
    {"PodAntiAffinity",
     "preferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm "
     "requiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm"},
    {"PodCertificateProjection",
     "certificateChainPath:string credentialBundlePath:string keyPath:string keyType!:string "
     "maxExpirationSeconds:int32 signerName!:string userAnnotations:{}string"},
    {"PodDNSConfig",
     "nameservers:[]string options:[]PodDNSConfigOption searches:[]string"},
    {"PodDNSConfigOption",
     "name:string value:string"},
    {"PodFailurePolicy",
     "rules!:[]PodFailurePolicyRule"},
    {"PodFailurePolicyOnExitCodesRequirement",
     "containerName:string operator!:InNotIn values!:[]int32"},
    {"PodFailurePolicyOnPodConditionsPattern",
     "status:any type!:string"},
    {"PodFailurePolicyRule",
     "action!:FailureAction onExitCodes:PodFailurePolicyOnExitCodesRequirement "
     "onPodConditions:[]PodFailurePolicyOnPodConditionsPattern"},
    {"PodOS",
     "name!:Os"},
    {"PodReadinessGate",
     "conditionType!:string"},
    {"PodResourceClaim",
     "name!:string resourceClaimName:string resourceClaimTemplateName:string"},
    {"PodSchedulingGate",
     "name!:string"},
    {"PodSchedulingGroup",
     "podGroupName:string"},
    {"PodSecurityContext",
     "appArmorProfile:AppArmorProfile fsGroup:id fsGroupChangePolicy:FsGroupPolicy runAsGroup:id "
     "runAsNonRoot:bool runAsUser:id seLinuxChangePolicy:string seLinuxOptions:SELinuxOptions "
     "seccompProfile:SeccompProfile supplementalGroups:[]int64 supplementalGroupsPolicy:GroupsPolicy "
     "sysctls:[]Sysctl windowsOptions:WindowsSecurityContextOptions"},
    {"PodSpec",
     "activeDeadlineSeconds:positive affinity:Affinity automountServiceAccountToken:bool "
     "containers!:[]Container dnsConfig:PodDNSConfig dnsPolicy:DnsPolicy enableServiceLinks:bool "
     "ephemeralContainers:[]EphemeralContainer hostAliases:[]HostAlias hostIPC:bool hostNetwork:bool "
     "hostPID:bool hostUsers:bool hostname:string hostnameOverride:string "
     "imagePullSecrets:[]LocalObjectReference initContainers:[]Container nodeName:string nodeSelector:labels "
     "os:PodOS overhead:resources preemptionPolicy:Preemption priority:int32 priorityClassName:string "
     "readinessGates:[]PodReadinessGate resourceClaims:[]PodResourceClaim resources:ResourceRequirements "
     "restartPolicy:RestartPolicy runtimeClassName:string schedulerName:string "
     "schedulingGates:[]PodSchedulingGate schedulingGroup:PodSchedulingGroup "
     "securityContext:PodSecurityContext serviceAccount:string serviceAccountName:string "
     "setHostnameAsFQDN:bool shareProcessNamespace:bool subdomain:string "
     "terminationGracePeriodSeconds:natural64 tolerations:[]Toleration "
     "topologySpreadConstraints:[]TopologySpreadConstraint volumes:[]Volume"},
    {"PodTemplateSpec",
     "metadata:ObjectMeta spec!:PodSpec"},
    {"PortworxVolumeSource",
     "fsType:string readOnly:bool volumeID!:string"},
    {"PreferredSchedulingTerm",
     "preference!:NodeSelectorTerm weight!:weight"},
    {"Probe",
     "exec:ExecAction failureThreshold:natural grpc:GRPCAction httpGet:HTTPGetAction "
     "initialDelaySeconds:natural periodSeconds:natural successThreshold:natural tcpSocket:TCPSocketAction "
     "terminationGracePeriodSeconds:positive timeoutSeconds:natural"},
    {"ProjectedVolumeSource",
     "defaultMode:fileMode sources:[]VolumeProjection"},
    {"QuobyteVolumeSource",
     "group:string readOnly:bool registry!:string tenant:string user:string volume!:string"},
    {"RBDVolumeSource",
     "fsType:string image!:string keyring:string monitors!:[]string pool:string readOnly:bool "
     "secretRef:LocalObjectReference user:string"},
    {"ResourceClaim",
     "name!:string request:string"},
    {"ResourceFieldSelector",
     "containerName:string divisor:quantity resource!:string"},
    {"ResourceQuota",
     "apiVersion:string kind:string metadata:ObjectMeta spec:ResourceQuotaSpec status:any"},
    {"ResourceQuotaSpec",
     "hard:{}quantity scopeSelector:ScopeSelector scopes:[]QuotaScope"},
    {"ResourceRequirements",
     "claims:[]ResourceClaim limits:resources requests:resources"},
    {"SELinuxOptions",
     "level:string role:string type:string user:string"},
    {"ScaleIOVolumeSource",
     "fsType:string gateway!:string protectionDomain:string readOnly:bool secretRef!:LocalObjectReference "
     "sslEnabled:bool storageMode:string storagePool:string system!:string volumeName:string"},
    {"ScopeSelector",
     "matchExpressions:[]ScopedResourceSelectorRequirement"},
    {"ScopedResourceSelectorRequirement",
     "operator!:ScopeOperator scopeName!:QuotaScope values:[]string"},
    {"SeccompProfile",
     "localhostProfile:string type!:SeccompType"},
    {"Secret",
     "apiVersion:string data:{}base64 immutable:bool kind:string metadata:ObjectMeta stringData:{}string "
     "type:string"},
    {"SecretEnvSource",
     "name:string optional:bool"},
    {"SecretKeySelector",
     "key!:string name:string optional:bool"},
    {"SecretProjection",
     "items:[]KeyToPath name:string optional:bool"},
    {"SecretVolumeSource",
     "defaultMode:fileMode items:[]KeyToPath optional:bool secretName:string"},
    {"SecurityContext",
     "allowPrivilegeEscalation:bool appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:bool "
     "procMount:ProcMount readOnlyRootFilesystem:bool runAsGroup:id runAsNonRoot:bool runAsUser:id "
     "seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions"},
    {"Service",
     "apiVersion:string kind:string metadata:ObjectMeta spec!:ServiceSpec status:any"},
    {"ServiceAccount",
     "apiVersion:string automountServiceAccountToken:bool imagePullSecrets:[]LocalObjectReference kind:string "
     "metadata:ObjectMeta secrets:[]ObjectReference"},
    {"ServiceAccountTokenProjection",
     "audience:string expirationSeconds:int64 path!:string"},
    {"ServicePort",
     "appProtocol:string name:string nodePort:portOrZero port!:port protocol:Protocol targetPort:portOrName"},
    {"ServiceSpec",
     "allocateLoadBalancerNodePorts:bool clusterIP:string clusterIPs:[]string externalIPs:[]string "
     "externalName:string externalTrafficPolicy:TrafficPolicy healthCheckNodePort:int32 "
     "internalTrafficPolicy:TrafficPolicy ipFamilies:[]IpFamily ipFamilyPolicy:IpFamilyPolicy "
     "loadBalancerClass:string loadBalancerIP:string loadBalancerSourceRanges:[]string ports:[]ServicePort "
     "publishNotReadyAddresses:bool selector:labels sessionAffinity:SessionAffinity "
     "sessionAffinityConfig:SessionAffinityConfig trafficDistribution:string type:ServiceType"},
    {"SessionAffinityConfig",
     "clientIP:ClientIPConfig"},
    {"SleepAction",
     "seconds!:int64"},
    {"StorageOSVolumeSource",
     "fsType:string readOnly:bool secretRef:LocalObjectReference volumeName:string volumeNamespace:string"},
    {"SuccessPolicy",
     "rules!:[]SuccessPolicyRule"},
    {"SuccessPolicyRule",
     "succeededCount:int32 succeededIndexes:string"},
    {"Sysctl",
     "name!:string value!:string"},
    {"TCPSocketAction",
     "host:string port!:portOrName"},
    {"Toleration",
     "effect:TaintEffect key:string operator:TolerationOperator tolerationSeconds:int64 value:string"},
    {"TopologySpreadConstraint",
     "labelSelector:LabelSelector matchLabelKeys:[]string maxSkew!:positive minDomains:int32 "
     "nodeAffinityPolicy:Honor nodeTaintsPolicy:Honor topologyKey!:string whenUnsatisfiable!:Unsatisfiable"},
    {"TypedLocalObjectReference",
     "apiGroup:string kind!:string name!:string"},
    {"TypedObjectReference",
     "apiGroup:string kind!:string name!:string namespace:string"},
    {"Volume",
     "awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource "
     "azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource "
     "configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource "
     "emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource "
     "flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource "
     "gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource "
     "image:ImageVolumeSource iscsi:ISCSIVolumeSource name!:dnsLabel nfs:NFSVolumeSource "
     "persistentVolumeClaim:PersistentVolumeClaimVolumeSource "
     "photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource "
     "projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource "
     "scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource "
     "vsphereVolume:VsphereVirtualDiskVolumeSource"},
    {"VolumeDevice",
     "devicePath!:string name!:string"},
    {"VolumeMount",
     "mountPath!:string mountPropagation:Propagation name!:string readOnly:bool recursiveReadOnly:string "
     "subPath:string subPathExpr:string"},
    {"VolumeProjection",
     "clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection "
     "downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection "
     "serviceAccountToken:ServiceAccountTokenProjection"},
    {"VolumeResourceRequirements",
     "limits:{}quantity requests:{}quantity"},
    {"VsphereVirtualDiskVolumeSource",
     "fsType:string storagePolicyID:string storagePolicyName:string volumePath!:string"},
    {"WeightedPodAffinityTerm",
     "podAffinityTerm!:PodAffinityTerm weight!:weight"},
    {"WindowsSecurityContextOptions",
     "gmsaCredentialSpec:string gmsaCredentialSpecName:string hostProcess:bool runAsUserName:string"},
};
// clang-format on

}  // namespace ktrain::lint
