import Bytes
public import SystemPackage

/// The kernel that a run of a profile has built.
public struct ProfileBuild: Sendable {
    /// The image.
    public let image: FilePath
    /// Its `System.map`, if the build's folder still has it.
    public let systemMap: FilePath?

    /// Finds it.
    /// - Parameters:
    ///   - profile: The profile's name.
    ///   - folder: Where runs keep their work folders, each called after its profile.
    /// - Throws: ``PipelineError/notBuilt(profile:image:)`` where there is none.
    public init(profile: String, in folder: FilePath) throws(PipelineError) {
        let work = folder.appending(profile)
        image = work.pushing(BuildStage.image)
        guard Files.isRegular(image) else { throw .notBuilt(profile: profile, image: image) }
        let map = work.pushing("build/System.map")
        systemMap = Files.isRegular(map) ? map : nil
    }
}
