print("swift-kube-proxy")
