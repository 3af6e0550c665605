/// Starts a command as in the DaemonSet's container: with its paths, its capabilities and its read-only `/proc/sys`.
///
/// It uses a mount namespace instead of an image. In the namespace it replaces the program's folder, `/var/lib` and
/// `/run`. The host does not see these mounts.
enum ContainerLauncher {
  /// A script for `sh FOLDER PROGRAM privileged|restricted COMMAND…`, to run in a mount namespace of its own. The
  /// folder contains `config`, `serviceaccount` and `hosts`.
  static let script = """
    set -e
    folder=$1 program=$2 rights=$3
    shift 3
    mkdir -p "$folder/root"
    mount -t tmpfs tmpfs "$folder/root"
    mkdir -p "$folder/root/bin" "$folder/root/lib" "$folder/root/run/secrets/kubernetes.io"
    cp -r "$folder/config" "$folder/root/lib/kube-proxy"
    cp -r "$folder/serviceaccount" "$folder/root/run/secrets/kubernetes.io"
    cp "$folder/hosts" "$folder/root"
    touch "$folder/root/bin/swift-kube-proxy"
    ln -s swift-kube-proxy "$folder/root/bin/kube-proxy"
    mount --bind "$folder/root/hosts" /etc/hosts
    mount --bind "$program" "$folder/root/bin/swift-kube-proxy"
    mount --rbind "$folder/root/bin" /usr/local/bin
    mount --bind "$folder/root/lib" /var/lib
    mount --bind "$folder/root/run" /run
    [ "$rights" = privileged ] && exec "$@"
    mount --bind /proc/sys /proc/sys
    mount -o remount,bind,ro /proc/sys
    exec setpriv --bounding-set=-all,+net_admin,+net_raw --inh-caps=-all --no-new-privs "$@"
    """
}
