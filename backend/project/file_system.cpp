// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/project/file_system.h"

#include <fstream>
#include <sstream>
#include <string_view>
#include <sys/vfs.h>
#include <utility>

namespace limbeck {
namespace {

namespace fs = std::filesystem;

std::function<long(const fs::path&)>& probe() {
    static std::function<long(const fs::path&)> function;
    return function;
}

/// The type that /proc/mounts gives the mount which `folder` lies on: FUSE has one number for all it carries.
std::string mounted_type(const fs::path& folder) {
    std::error_code error;
    const std::string path = fs::weakly_canonical(folder, error).string();
    std::ifstream mounts("/proc/self/mounts");
    std::string line, best_point, best_type;
    while (std::getline(mounts, line)) {
        std::istringstream words(line);
        std::string device, point, type;
        words >> device >> point >> type;
        const bool within =
            path == point || point == "/" ||
            (path.starts_with(point) && path.size() > point.size() && path[point.size()] == '/');
        if (within && point.size() >= best_point.size()) {
            best_point = point;
            best_type = type;
        }
    }
    return best_type;
}

} // namespace

void set_file_system_probe(std::function<long(const fs::path&)> function) {
    probe() = std::move(function);
}

std::optional<std::string> network_file_system(const fs::path& folder) {
    unsigned long type = 0;
    if (probe()) {
        type = static_cast<unsigned long>(probe()(folder));
    } else {
        struct statfs status {};

        if (::statfs(folder.c_str(), &status) != 0) return std::nullopt;
        type = static_cast<unsigned long>(status.f_type);
    }
    constexpr unsigned long fuse = 0x65735546;
    static constexpr std::pair<unsigned long, std::string_view> known[] = {
        {0x6969, "NFS"},
        {0x517B, "SMB"},
        {0xFF534D42, "SMB (cifs)"},
        {0xFE534D42, "SMB"},
        {0x01021997, "9p"},
        {0x5346414F, "AFS"},
        {0x6B414653, "AFS"},
        {0x73757245, "Coda"},
        {0x00C36400, "Ceph"},
        {0x0BD00BD0, "Lustre"},
        {0x47504653, "GPFS"},
        {0x013111A8, "IBRIX"},
        {0x7461636F, "OCFS2"},
        {0x01161970, "GFS2"},
        {0x61756673, "a union of folders (aufs)"},
        {0x564C, "NCP"},
        {0x19830326, "BeeGFS"},
        {0xAAD7AAEA, "PanFS"},
        {0x786F4256, "a shared folder of VirtualBox"}};
    for (const auto& [number, name] : known)
        if ((type & 0xFFFFFFFF) == number) return std::string(name);
    if ((type & 0xFFFFFFFF) != fuse) return std::nullopt;
    // sshfs, rclone, s3fs … but not ntfs-3g (fuseblk) and other local ones.
    const std::string mounted = mounted_type(folder);
    if (mounted == "fuseblk") return std::nullopt;
    return mounted.empty() ? "FUSE" : mounted;
}

} // namespace limbeck
