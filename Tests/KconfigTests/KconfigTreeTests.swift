import Bytes
import Kconfig
import KernelModel
import SystemPackage
import TestSupport
import Testing

@Suite struct KconfigTreeTests {
    /// A tree of Kconfig files, by name.
    static func tree(_ files: [String: String], architecture: String = "x86_64") throws -> (
        KconfigTree, Scratch
    ) {
        let folder = try Scratch()
        for (name, text) in files.merging(
            ["Makefile": "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\n"], uniquingKeysWith: { $1 })
        {
            let path = folder.path.pushing(FilePath(name))
            try Files.createDirectories(path.removingLastComponent())
            try Files.write(text, to: path)
        }
        return (try KconfigTree.load(folder.path, architecture: architecture), folder)
    }

    func config(_ text: String) throws -> KernelConfiguration {
        try KernelConfiguration(Array(text.utf8), path: ".config")
    }

    /// The chain of the kernel's own Xen options.
    static let xen = """
        mainmenu "Linux/$(ARCH) $(KERNELVERSION) Kernel Configuration"
        source "scripts/Kconfig.include"
        config MODULES
        	bool "Enable loadable module support"
        	modules
        source "arch/$(SRCARCH)/Kconfig"
        """
    static let include = """
        comma := ,
        if-success = $(shell,{ $(1); } >/dev/null 2>&1 && echo "$(2)" || echo "$(3)")
        success = $(if-success,$(1),y,n)
        cc-option = $(success,$(CC) -Werror $(1) -c -x c /dev/null -o /dev/null)
        $(error-if,$(success,false),this never happens)
        """
    static let arch = """
        config X86_64
        	def_bool y
        	select HAVE_THINGS if \\
        		PCI
        menu "Bus options"
        config PCI
        	bool "PCI support"
        	help
        	  A bus. It says
        	  config NOT_A_SYMBOL
        	  in its help.

        config ACPI
        	bool "ACPI" if EXPERT
        	depends on PCI
        endmenu
        if PCI
        config PCI_XEN
        	def_bool y
        	depends on XEN && X86_64
        endif
        config XEN
        	bool "Xen guest support"
        	depends on PARAVIRT
        config PARAVIRT
        	bool 'Paravirtualised'
        config SWIOTLB_XEN
        	bool
        config XEN_BACKEND
        	tristate "Backends"
        	depends on XEN_DOM0 || BACKENDS_ANYWAY
        config XEN_DOM0
        	bool "Xen Dom0 support"
        	depends on XEN && PCI_XEN
        	depends on ACPI
        	select SWIOTLB_XEN
        config FLAG
        	bool "Flag"
        	depends on $(cc-option,-mflag)
        config EXPERT
        	bool "Expert"
        config HAVE_THINGS
        	bool
        choice
        	prompt "Compression"
        	default GZ
        config GZ
        	bool "gzip"
        config XZ
        	bool "xz"
        	depends on !PCI
        endchoice
        config LEVEL
        	int "Level" if EXPERT
        	range 1 9
        	default 5
        config HIGH
        	bool "High"
        	depends on LEVEL >= 7
        config LOST
        	bool "Lost"
        	depends on NOWHERE
        """

    func xenTree() throws -> (KconfigTree, Scratch) {
        try Self.tree(["Kconfig": Self.xen, "scripts/Kconfig.include": Self.include, "arch/x86/Kconfig": Self.arch])
    }

    @Test func readingATree() throws {
        let (tree, folder) = try xenTree()
        #expect(tree.complaints == [])
        #expect(tree.fileCount == 3)
        #expect(tree.version == KernelVersion(6, 1, 192))
        #expect(tree.defines("PCI_XEN") && !tree.defines("NOT_A_SYMBOL") && !tree.defines("NOWHERE"))
        withExtendedLifetime(folder) {}
    }

    @Test func fromTheSymbolDownToWhatHasToBeSet() throws {
        let (tree, folder) = try xenTree()
        let explanation = tree.explain("XEN_DOM0", in: try config("CONFIG_X86_64=y\nCONFIG_PARAVIRT=y\nCONFIG_XEN=y\n"))
        #expect(explanation.value == .no)
        #expect(Set(explanation.fix) == ["CONFIG_PCI=y", "CONFIG_ACPI=y", "CONFIG_EXPERT=y", "CONFIG_XEN_DOM0=y"])
        #expect(
            explanation.summary.hasPrefix(
                "XEN_DOM0 is n (arch/x86/Kconfig:32): needs PCI_XEN [=n] (which needs PCI [=n]) and ACPI [=n] (which needs EXPERT [=n])"
            ),
            "\(explanation.summary)")
        #expect(explanation.definitions.first?.depends.map(\.value) == ["n", "n"])
        #expect(explanation.definitions.first?.depends.first?.text == "XEN && PCI_XEN")
        withExtendedLifetime(folder) {}
    }

    @Test(arguments: [
        ("LOST", "does not exist in this kernel", ""),
        ("FLAG", "$(cc-option,-mflag)", "CONFIG_FLAG=y"),
        ("HIGH", "LEVEL >= 7 does not hold: LEVEL is 5", ""),
        ("HAVE_THINGS", "PCI", "CONFIG_PCI=y"),
        ("SWIOTLB_XEN", "XEN_DOM0 selects it", ""),
        ("XZ", "can be chosen instead of GZ", "CONFIG_XZ=y"),
        ("XEN_DOM", "similar names: XEN_DOM0", ""),
    ]) func otherReasons(symbol: String, text: String, fix: String) throws {
        let (tree, folder) = try xenTree()
        let explanation = tree.explain(symbol, in: try config("CONFIG_X86_64=y\nCONFIG_GZ=y\nCONFIG_LEVEL=5\n"))
        let steps = "\(explanation)"
        #expect(explanation.summary.contains(text) || steps.contains(text), "\(explanation.summary)")
        if symbol != "SWIOTLB_XEN" { #expect(explanation.fix.joined(separator: " ") == fix, "\(explanation.fix)") }
        withExtendedLifetime(folder) {}
    }

    @Test func offAndSelected() throws {
        let (tree, folder) = try xenTree()
        let on = try config(
            "CONFIG_X86_64=y\nCONFIG_PARAVIRT=y\nCONFIG_XEN=y\nCONFIG_PCI=y\nCONFIG_PCI_XEN=y\nCONFIG_ACPI=y\nCONFIG_XEN_DOM0=y\nCONFIG_SWIOTLB_XEN=y\n"
        )
        let explanation = tree.explain("SWIOTLB_XEN", in: on, wanted: .no)
        #expect(explanation.selectedBy.map(\.symbol) == ["XEN_DOM0"])
        #expect(explanation.fix == ["# CONFIG_XEN_DOM0 is not set"])
        #expect(tree.explain("XEN_DOM0", in: on).summary.contains("as wanted"))
        withExtendedLifetime(folder) {}
    }

    @Test func modules() throws {
        let (tree, folder) = try Self.tree([
            "Kconfig": """
            config MODULES
            	bool "Modules"
            	modules
            config A
            	tristate "A"
            config B
            	tristate "B"
            	depends on A
            config C
            	bool "C"
            	depends on A
            config D
            	tristate "D"
            	depends on m
            """
        ])
        let loose = try config("CONFIG_MODULES=y\nCONFIG_A=m\nCONFIG_B=m\n")
        #expect(tree.explain("B", in: loose).fix == ["CONFIG_A=y", "CONFIG_B=y"])
        #expect(tree.explain("B", in: loose, wanted: .module).fix == [])
        // A bool that depends on m can be y.
        #expect(tree.explain("C", in: loose).fix == ["CONFIG_C=y"])
        #expect(tree.explain("D", in: try config("# CONFIG_MODULES is not set\n"), wanted: .module).fix == [])
        let tight = try config("CONFIG_A=y\n")
        #expect(tree.explain("A", in: tight, wanted: .module).summary.contains("modules are off"))
        withExtendedLifetime(folder) {}
    }

    @Test func conditionalDependencies() throws {
        let (tree, folder) = try Self.tree([
            "Kconfig": "config A\n\tbool \"A\"\n\tdepends on B if C\nconfig B\n\tbool \"B\"\nconfig C\n\tbool \"C\"\n"
        ])
        #expect(tree.complaints == [])
        #expect(tree.explain("A", in: try config("")).fix == ["CONFIG_A=y"])
        #expect(tree.explain("A", in: try config("CONFIG_C=y\n")).fix.count == 2)
        withExtendedLifetime(folder) {}
    }

    /// A disjunction takes the cheapest way; a cycle is not a way.
    @Test func choosingTheWay() throws {
        let (tree, folder) = try Self.tree([
            "Kconfig": """
            config GOAL
            	bool "Goal"
            	depends on (LONG1 && LONG2) || SHORT
            config LONG1
            	bool "1"
            config LONG2
            	bool "2"
            config SHORT
            	bool "S"
            config ROUND
            	bool "R"
            	depends on ABOUT
            config ABOUT
            	bool "A"
            	depends on ROUND
            """
        ])
        #expect(tree.explain("GOAL", in: try config("")).fix == ["CONFIG_SHORT=y", "CONFIG_GOAL=y"])
        let round = tree.explain("ROUND", in: try config(""))
        #expect(round.fix == [] && round.summary.contains("depends on itself"), "\(round.summary)")
        withExtendedLifetime(folder) {}
    }

    @Test func globsOptionalAndMissingFiles() throws {
        let (tree, folder) = try Self.tree([
            "Kconfig":
                "source \"d/*/Kconfig\"\nosource \"nowhere\"\nsource \"missing\"\nsource \"$(UNKNOWN)/x\"\nsource \"Kconfig\"\n",
            "d/a/Kconfig": "config A\n\tbool\n", "d/b/Kconfig": "config B\n\tbool\nrsource \"more\"\n",
            "d/b/more": "config C\n\tbool\n",
        ])
        #expect(tree.defines("A") && tree.defines("B") && tree.defines("C"))
        #expect(tree.complaints.count == 3, "\(tree.complaints)")
        #expect(tree.complaints.first == "Kconfig:3: 'missing' is not there")
        withExtendedLifetime(folder) {}
    }

    @Test func whatConfWouldRefuseIsSaid() throws {
        let (tree, folder) = try Self.tree([
            "Kconfig":
                "config A\n\tbool\n\tdepends on (B\n\tfrobnicate\nendmenu\nif X\nmenu \"M\"\nendif\nconfig\n\tbool\n"
        ])
        #expect(tree.complaints.count >= 5, "\(tree.complaints)")
        withExtendedLifetime(folder) {}
    }

    @Test func noise() throws {
        var random = SystemRandomNumberGenerator()
        let words = [
            "config", "menu", "if", "depends on", "(", ")", "&&", "\"", "$(", "A", "=", "help", "\n", "\t", "\\\n",
            "select", "choice", "!", "'",
        ]
        for _ in 0..<300 {
            let text = (0..<60).map { _ in words[Int(random.next(upperBound: UInt(words.count)))] }.joined(
                separator: " ")
            let (tree, folder) = try Self.tree(["Kconfig": text])
            _ = tree.explain("A", in: try config("CONFIG_A=y\n"), wanted: .no)
            _ = tree.inconsistencies(in: try config(""))
            withExtendedLifetime(folder) {}
        }
    }

    /// Files that grow without bound when they are followed: said, and survived.
    @Test func bombs() throws {
        var files = ["Kconfig": "source \"f0\"\n"]
        for level in 0..<20 { files["f\(level)"] = "source \"f\(level + 1)\"\nsource \"f\(level + 1)\"\n" }
        files["f20"] = "config A\n\tbool\n"
        let (tree, folder) = try Self.tree(files)
        #expect(tree.complaints.contains { $0.contains("more than 50000 files") })
        withExtendedLifetime(folder) {}
        let doubling = "X := 0123456789abcdef\n" + String(repeating: "X := $(X)$(X)\n", count: 64)
        let long = "config B\n\tbool\n\tdepends on A" + String(repeating: " && A", count: 100_000) + "\n"
        let deep = "\tdepends on " + String(repeating: "(", count: 50_000) + "A\n"
        let (other, otherFolder) = try Self.tree(["Kconfig": doubling + long + deep])
        #expect(other.complaints.count == 2, "\(other.complaints)")
        withExtendedLifetime(otherFolder) {}
    }

    @Test("macros without end are an error with their place")
    func macroBomb() throws {
        let levels = (0..<14).reversed().map { "m\($0) = " + String(repeating: "$(m\($0 + 1))", count: 8) + "\n" }
            .joined()
        let folder = try Scratch()
        try Files.write("VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n", to: folder.path.appending("Makefile"))
        try Files.write("m14 =\n" + levels + "config A\n\tbool \"$(m0)\"\n", to: folder.path.appending("Kconfig"))
        let error = #expect(throws: KconfigError.self) { try KconfigTree.load(folder.path) }
        #expect(
            error?.message.hasSuffix("Kconfig:17: its macros name each other so often that they have no end") == true,
            "\(error?.message ?? "")")
        #expect(error?.category == .malformedInput)
    }

    @Test("trees before 2.6.37 begin with arch/ARCH/Kconfig, and say 'depends A' and '--- help ---'")
    func oldTrees() throws {
        let text =
            "config A\n\tbool \"a\"\n\nconfig B\n\tbool \"b\"\n\tdepends A\n\t--- help ---\n\t  depends nothing\n"
        let (tree, folder) = try Self.tree(["arch/x86_64/Kconfig": text])
        #expect(tree.complaints.isEmpty)
        let explanation = tree.explain("B", in: try config("# CONFIG_A is not set\n"))
        #expect(explanation.fix == ["CONFIG_A=y", "CONFIG_B=y"])
        #expect(explanation.summary.contains("(arch/x86_64/Kconfig:4): needs A"))
        withExtendedLifetime(folder) {}
    }

    @Test func noTree() throws {
        let folder = try Scratch()
        #expect(throws: KconfigError.self) { try KconfigTree.load(folder.path) }
    }
}
