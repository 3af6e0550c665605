print("kube-lab")
